from django.urls import URLPattern, path

from crm.accounts.views import entry, keys, person, team

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("choose/", entry.choose, name="choose"),
    path("switch/", entry.switch, name="switch"),
    path("language/", entry.language, name="language"),
    path("appearance/", entry.appearance, name="appearance"),
    path("profile/", person.profile, name="profile"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<uuid:key_id>/revocation/", keys.revoke, name="key-revoke"),
    path("team/", team.team, name="team"),
    path("team/members/new/", team.member_new, name="member-new"),
    path("team/members/<uuid:member_id>/", team.member, name="member"),
    path("team/members/<uuid:member_id>/invitation/", team.invite, name="member-invite"),
    path("team/departments/new/", team.department_new, name="department-new"),
    path("team/departments/<uuid:department_id>/", team.department, name="department"),
]
