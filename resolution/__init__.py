"""Who is who: records of many departments become persons, buildings, legal persons, components.

Pure functions from data frames to data frames; nothing here knows the warehouse, dbt or files
other than the tables that lie beside the code.
"""
