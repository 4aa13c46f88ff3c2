"""egglog, in the form it is best at: a few rewrite rules over terms of matrices, which share all that is equal.

A gradient is carried forwards, as the differential of the loss in the differentials of the parameters.
`python egraph.py lstm:10 20`: that of a network of ten steps, in at most 20 s.
"""

from __future__ import annotations

from answer import CannotError, answer
from egglog.bindings import EGraph

ROUNDS = 60
DIFFERENTIALS = """
(datatype M (P String) (dP String) (X i64) (G i64) (H i64) (C i64) (O i64) (Loss i64) (Zero) (One)
  (Add M M) (Neg M) (Mul M M) (Had M M) (Tanh M) (Sigmoid M) (Slope M))
(constructor D (M) M :cost 1000)
(rewrite (D (Add a b)) (Add (D a) (D b)))
(rewrite (D (Neg a)) (Neg (D a)))
(rewrite (D (Mul a b)) (Add (Mul (D a) b) (Mul a (D b))))
(rewrite (D (Had a b)) (Add (Had (D a) b) (Had a (D b))))
(rewrite (D (Tanh a)) (Had (Slope (Tanh a)) (D a)))
(rewrite (D (Sigmoid a)) (Had (Slope (Sigmoid a)) (D a)))
(rewrite (D (P name)) (dP name))
(rewrite (D (One)) (Zero)) (rewrite (D (Zero)) (Zero)) (rewrite (D (X t)) (Zero)) (rewrite (D (G t)) (Zero))
(rewrite (D (H 0)) (Zero)) (rewrite (D (C 0)) (Zero))
(rewrite (Add (Zero) a) a) (rewrite (Add a (Zero)) a) (rewrite (Neg (Zero)) (Zero))
(rewrite (Mul a (Zero)) (Zero)) (rewrite (Mul (Zero) a) (Zero))
(rewrite (Had a (Zero)) (Zero)) (rewrite (Had (Zero) a) (Zero))
"""


def layer(name: str, state: str = "(H (- t 1))") -> str:
    """W h + U x + b, with its parameters."""
    return f'(Add (Add (Mul (P "W{name}") {state}) (Mul (P "U{name}") (X t))) (P "b{name}"))'


RNN = f"""
(rewrite (H t) (Tanh {layer("")}) :when ((> t 0)))
(rewrite (Loss t) (Add (Loss (- t 1)) (Mul (G t) (H t))) :when ((> t 1)))
(rewrite (Loss 1) (Mul (G 1) (H 1)))
"""
RESET = f"(Had (Sigmoid {layer('r')}) (H (- t 1)))"
GRU = f"""
(rewrite (H t) (Add (Had (Add (One) (Neg (Sigmoid {layer("z")}))) (H (- t 1)))
  (Had (Sigmoid {layer("z")}) (Tanh {layer("h", RESET)}))) :when ((> t 0)))
(rewrite (Loss t) (Mul (G t) (H t)))
"""
LSTM = f"""
(rewrite (C t) (Add (Had (Sigmoid {layer("e")}) (C (- t 1))) (Had (Sigmoid {layer("i")}) (Tanh {layer("z")})))
  :when ((> t 0)))
(rewrite (H t) (Had (Sigmoid {layer("o")}) (Tanh (C t))) :when ((> t 0)))
(rewrite (Loss t) (Mul (G t) (H t)))
"""
ATTENTION = """
(datatype M (V String) (D M) (Add M M) (Neg M) (Mul M M) (Had M M) (Scale M M) (T M) (Softmax M) (RowSums M)
  (Inner M M) (Plus M M))
(rewrite (D (Scale (V s) a)) (Scale (V s) (D a)))
(rewrite (D (Mul a (V b))) (Mul (D a) (V b)))
(rewrite (D (Mul a (T (V b)))) (Mul (D a) (T (V b))))
(rewrite (D (Inner (V g) a)) (Inner (V g) (D a)))
(rewrite (D (Softmax a)) (Had (Softmax a) (Add (D a) (Neg (RowSums (Had (Softmax a) (D a)))))))
(rewrite (T (T a)) a)
(rewrite (Inner a (Mul b c)) (Inner (Mul a (T c)) b))
(rewrite (Inner a (Had b c)) (Inner (Had b a) c))
(rewrite (Inner a (Scale s b)) (Inner (Scale s a) b))
(rewrite (Inner a (Add b c)) (Plus (Inner a b) (Inner a c)))
(rewrite (Inner a (Neg b)) (Inner (Neg a) b))
(rewrite (Inner a (RowSums b)) (Inner (RowSums a) b))
(rewrite (Plus (Inner a c) (Inner b c)) (Inner (Add a b) c))
(rewrite (Mul (Scale s a) b) (Scale s (Mul a b)))
(birewrite (Neg (Scale s a)) (Scale s (Neg a)))
(birewrite (RowSums (Neg a)) (Neg (RowSums a)))
(birewrite (Had a (Neg b)) (Neg (Had a b)))
(birewrite (Add (Had a b) (Had a c)) (Had a (Add b c)))
(birewrite (Neg (Mul a b)) (Mul (Neg a) b))
(let $A (Softmax (Scale (V "s") (Mul (V "Q") (T (V "K"))))))
(let $P (Mul (V "G") (T (V "V"))))
(let $left (D (Inner (V "G") (Mul $A (V "V")))))
(let $inner (Had $A (Add $P (Neg (RowSums (Had $A $P))))))
(let $right (Inner (Scale (V "s") (Mul $inner (V "K"))) (D (V "Q"))))
"""
# The column less its mean is an atom here, with its differential and its mean given: the rules have less to do.
BATCH_NORM = """
(datatype M (V String) (D M) (Add M M) (Neg M) (Had M M) (Mean M) (InverseRoot M) (Zero))
(rewrite (D (Add a b)) (Add (D a) (D b)))
(rewrite (D (Neg a)) (Neg (D a)))
(rewrite (D (Had a b)) (Add (Had (D a) b) (Had a (D b))))
(rewrite (D (Mean a)) (Mean (D a)))
(rewrite (D (InverseRoot a))
  (Neg (Had (V "1/2") (Had (InverseRoot a) (Had (InverseRoot a) (Had (InverseRoot a) (D a)))))))
(rewrite (Had (V "1/2") (Add a a)) a)
(rewrite (Add a (Zero)) a) (rewrite (Add a (Neg a)) (Zero))
(rewrite (Had a (Zero)) (Zero)) (rewrite (Neg (Zero)) (Zero))
(rewrite (Add a b) (Add b a)) (rewrite (Had a b) (Had b a))
(birewrite (Add a (Add b c)) (Add (Add a b) c)) (birewrite (Had a (Had b c)) (Had (Had a b) c))
(rewrite (Had a (Add b c)) (Add (Had a b) (Had a c)))
(birewrite (Had a (Neg b)) (Neg (Had a b)))
(rewrite (Mean (Add a b)) (Add (Mean a) (Mean b))) (rewrite (Mean (Neg a)) (Neg (Mean a)))
(rewrite (Mean (Mean a)) (Mean a)) (rewrite (Mean (Had (Mean a) b)) (Had (Mean a) (Mean b)))
(rewrite (Mean (Had (InverseRoot a) b)) (Had (InverseRoot a) (Mean b)))
(let $c (V "c"))
(union (D $c) (Add (V "dx") (Neg (Mean (V "dx"))))) (union (Mean $c) (Zero))
(union (D (V "gamma")) (Zero)) (union (D (V "beta")) (Zero)) (union (D (V "eps")) (Zero))
(let $s (InverseRoot (Add (Mean (Had $c $c)) (V "eps"))))
(let $xhat (Had $c $s))
(let $left (D (Add (Had (V "gamma") $xhat) (V "beta"))))
(let $along (Had $xhat (Mean (Had $xhat (V "dx")))))
(let $right (Had (V "gamma") (Had $s (Add (V "dx") (Neg (Add (Mean (V "dx")) $along))))))
"""


def saturated(rules: str, length: int) -> None:
    graph = EGraph()
    run(graph, f"{DIFFERENTIALS} {rules} (D (Loss {length})) (run-schedule (saturate (run)))")


def proved(text: str) -> None:
    """That $left and $right become one, round by round."""
    graph = EGraph()
    run(graph, text)
    for _ in range(ROUNDS):
        run(graph, "(run 1)")
        if are_one(graph):
            return
    raise CannotError("the two sides do not meet under the rules")


def are_one(graph: EGraph) -> bool:
    try:
        run(graph, "(check (= $left $right))")
    except Exception:  # of no class of its own
        return False
    return True


def run(graph: EGraph, text: str) -> None:
    graph.run_program(*graph.parse_program(text))


def any_length() -> None:
    raise CannotError("no induction, no bound indices")


if __name__ == "__main__":
    answer(
        {
            "rnn": lambda length: saturated(RNN, length),
            "gru": lambda length: saturated(GRU, length),
            "lstm": lambda length: saturated(LSTM, length),
            "attention": lambda: proved(ATTENTION),
            "batch_norm": lambda: proved(BATCH_NORM),
            "any_length": any_length,
        }
    )
