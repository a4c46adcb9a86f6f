{{ merges('component') }}
