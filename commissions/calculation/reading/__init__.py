"""JSON into facts: the form of a request, stage 1 of spec/what-if.md §6."""
