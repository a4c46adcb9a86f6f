{{ choice('legal_person', ref('legal_person_agreement'), ref('legal_person_dispute'), ref('legal_person_statement')) }}
