{{ agreement('legal_person', ref('legal_person_statement'), legal_person_fields()) }}
