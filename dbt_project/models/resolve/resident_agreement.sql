{{ agreement('resident', ref('resident_claim')) }}
