"""The rules of every run, in the words in which its plan says them."""

TESTS = (
    "Two one-sided tests of equivalence on the mean over replicates: Student's t; for proportions "
    "with fewer than 10 successes or failures, or without spread, the binomial law of their "
    "independent trials (Clopper-Pearson); where other replicates all agree, the normal law with "
    "the spread that the plan foresees, and where it foresees none they are certain. A bound is "
    "tested on its one side. Within a claim HOLDS needs every comparison and precondition "
    "(intersection-union test), FAILS one comparison outside its range "
    "(Bonferroni) with every precondition met, OUTSIDE ASSUMPTIONS one "
    "precondition missed. Across the claims of the run each kind of decision is corrected by "
    "Holm's method, in which what a look has decided leaves its level to the rest (Maurer & Bretz "
    "2013)."
)
STOPPING = (
    "Each claim has its own numbers of replicates n_1 < n_2 < ...: at look k, if it has no verdict "
    "yet, it is judged on the first n_k replicates of each of its settings, together with the "
    "other claims, at level alpha / 2^k. A setting that claims share is trained once, as often as "
    "the one of them without a verdict that asks for most; no claim is judged on more than its own "
    "replicates. The run ends when all are decided, after the last look, or when the time allowed "
    "is used up."
)
SEEDS = (
    "numpy.random.SeedSequence(seed, spawn_key=...): the key holds what the experiment names of a "
    "setting, such as its size, the replicate, the purpose and the network, so that no random "
    "number depends on the order of work. Settings of one size may share what they draw."
)
