"""Queries: which tasks, in which order, which page of them, and what is measured of them.

`request` is the JSON as typed values, `parse` turns it into a `Query` (`ast`), `evaluate` and `order` define
what every store must answer to one, `overlay` answers for rows that are not stored yet, `cursor` remembers
where a page ended, `metrics` measures hits, `answers` are what comes back. `filters` says what each field of
`filters` means, `fields` where it stands in a row, `problems` what is wrong with it.

Not here: the language of conditions and its meaning (`worklattice.lang`), JSON itself (`worklattice.codec`),
and how a store answers fast (`worklattice.storage`).
"""
