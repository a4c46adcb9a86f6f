{{ dispute('legal_person', ref('legal_person_claim'), ref('legal_person_agreement')) }}
