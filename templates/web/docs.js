"use strict";
SwaggerUIBundle({ url: "{% url 'api:schema' %}", dom_id: "#swagger-ui", deepLinking: true, filter: true, docExpansion: "none" });
