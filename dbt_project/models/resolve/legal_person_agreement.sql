{{ agreement('legal_person', ref('legal_person_claim')) }}
