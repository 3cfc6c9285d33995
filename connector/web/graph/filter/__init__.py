"""``$filter`` of Graph: text to a tree, the tree to a condition of SQL.

``parser`` reads the text, ``binding`` finds the properties that it names, ``advanced`` says which need the
header ConsistencyLevel, ``sql`` writes the condition, and ``walk`` answers the same without a database.
"""
