{{ merges('resident') }}
