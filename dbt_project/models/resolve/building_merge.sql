{{ merges('building') }}
