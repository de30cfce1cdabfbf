"""LAReQA's collections (Roy et al. 2020, arXiv 2004.05484): XQuAD-R and MLQA-R."""
