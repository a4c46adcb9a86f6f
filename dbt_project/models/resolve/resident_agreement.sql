{{ agreement('resident', ref('resident_statement'), resident_fields()) }}
