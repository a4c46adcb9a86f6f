{{ choice('resident', ref('resident_agreement'), ref('resident_dispute'), ref('resident_statement')) }}
