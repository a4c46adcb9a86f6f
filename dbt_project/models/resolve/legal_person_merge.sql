{{ merges('legal_person') }}
