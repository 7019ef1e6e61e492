"""The store in memory: dicts, sets and sorted lists.

`store` has the locks and the views, `state` the rows of one workspace and the one way to change them,
`indexes` what finds them, `planner` how a query chooses among the indexes.
"""
