{{ dispute('resident', ref('resident_claim'), ref('resident_agreement')) }}
