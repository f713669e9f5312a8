"""Papers' tables as targets: what a paper reports, what we run, and a verdict for each cell.

target     a table as data (targets/*.toml)        verdict    agrees, differs, not comparable, not run
runs       cells that are metrics of runs          dirac      cells about the Dirac-GAN
tuning     cells that are the best of a search     densities  cells about the optimal critic
grid       cells about a grid search               histogram  many values as bars of text
along      scores against epochs                   rescored   scores of kept generators under other protocols
plots      curves as SVG                           last       earlier reproductions, in words
place      where a target is measured              outcome    measure and judge
render     terminal rows, Markdown, plain values
"""
