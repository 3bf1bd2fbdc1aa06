"""Densities and distribution functions with 50 digits, for the rows of `parity_rows`.

Each is written from its definition, for mpmath, and uses nothing of the product.
"""

import functools

import mpmath as mp

mp.mp.dps = 50


def marchenko_pastur(x, ratio="0.5"):
    """Density of X X^T/m, X n x m, ratio n/m."""
    q, x = mp.mpf(ratio), mp.mpf(x)
    low, high = (1 - mp.sqrt(q)) ** 2, (1 + mp.sqrt(q)) ** 2
    return mp.sqrt((x - low) * (high - x)) / (2 * mp.pi * q * x) if low < x < high else mp.mpf(0)


def marchenko_pastur_cdf(x, ratio="0.5"):
    low = (1 - mp.sqrt(mp.mpf(ratio))) ** 2
    return mp.quad(lambda t: 2 * t * marchenko_pastur(low + t * t, ratio), [0, mp.sqrt(x - low)])


def semicircle(x, variance=1):
    x, v = mp.mpf(x), mp.mpf(variance)
    return mp.sqrt(4 * v - x * x) / (2 * mp.pi * v) if x * x < 4 * v else mp.mpf(0)


def inverse(density, x):
    """Of 1/X."""
    x = mp.mpf(x)
    return density(1 / x) / x**2


def square(density, x):
    """Of X^2."""
    root = mp.sqrt(mp.mpf(x))
    return (density(root) + density(-root)) / (2 * root)


def squared_root(density, x):
    """Of X^(1/2)."""
    x = mp.mpf(x)
    return 2 * x * density(x * x)


def cubic(density, x):
    """Of X^3 - X, by its real solutions."""
    roots = mp.polyroots([1, 0, -1, -mp.mpf(x)], maxsteps=200, extraprec=200)
    real = [r.real for r in roots if abs(mp.im(r)) < mp.mpf(10) ** -30]
    return sum(density(r) / abs(3 * r * r - 1) for r in real)


def kesten_mckay(x, degree=3):
    d, x = mp.mpf(degree), mp.mpf(x)
    inside = 4 * (d - 1) - x * x
    return d * mp.sqrt(inside) / (2 * mp.pi * (d * d - x * x)) if inside > 0 else mp.mpf(0)


def meixner(x, a, b):
    """Of mean 0 and variance 1."""
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    inside = 4 * (1 + b) - (x - a) ** 2
    return mp.sqrt(inside) / (2 * mp.pi * (1 + a * x + b * x * x)) if inside > 0 else mp.mpf(0)


def wachter(x, a, b):
    """Of A (A + B)^-1, A and B Wishart of p/n_1 = 1/a and p/n_2 = 1/b."""
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    root = mp.sqrt(a * (a + b - 1))
    low, high = ((root - mp.sqrt(b)) / (a + b)) ** 2, ((root + mp.sqrt(b)) / (a + b)) ** 2
    inside = (high - x) * (x - low)
    return (a + b) * mp.sqrt(inside) / (2 * mp.pi * x * (1 - x)) if inside > 0 else mp.mpf(0)


def quartic_equilibrium(x):
    """Equilibrium measure of the potential V = x^4 (weights exp(-n V)), on [-a, a]."""
    x, a = mp.mpf(x), (mp.mpf(4) / 3) ** (mp.mpf(1) / 4)
    inside = a * a - x * x
    return (2 * x * x + a * a) * mp.sqrt(inside) / mp.pi if inside > 0 else mp.mpf(0)


def continued(equation, x, size=8):
    """-Im G/pi at x, G the solution of equation(G, z) = 0 that is 1/z far above: followed down."""
    x = mp.mpf(x)
    with mp.workdps(20):
        height, g = mp.mpf(64 * size), 1 / mp.mpc(x, 64 * size)
        before = g
        while height > mp.mpf(10) ** -12:
            height = height * 2 / 3
            z = mp.mpc(x, height)
            guess = g * g / before
            g, before = root_near(lambda v, z=z: equation(v, z), guess), g
    g = root_near(lambda v: equation(v, x), g)
    return max(-g.imag / mp.pi, mp.mpf(0))


def root_near(function, start):
    """The root beside a start, by secants from two points that are close to each other."""
    pair = (start, start * (1 + mp.mpf(10) ** -8))
    return mp.findroot(function, pair, solver="secant", tol=mp.mpf(10) ** (16 - 2 * mp.mp.dps))


def by_r(r):
    """The equation of an R-transform."""
    return lambda g, z: 1 / g + r(g) - z


def points(atoms, weights):
    """G of point masses."""
    return lambda z: sum(mp.mpf(w) / (z - mp.mpf(a)) for a, w in zip(atoms, weights, strict=True))


def of_noise(g_of_a, ratio, noise):
    """(A + s^(1/2) N)(A + s^(1/2) N)^T, G_A of A A^T known [Dozier & Silverstein]."""
    c, s = mp.mpf(ratio), mp.mpf(noise)

    def equation(g, z):
        share = 1 - s * c * g
        return g / share - g_of_a(share * (z * share - s * (1 - c)))

    return lambda x: continued(equation, x)


def separable(atoms_a, weights_a, atoms_b, weights_b, ratio):
    """A^(1/2) X B X^T A^(1/2)/m, X n x m: two unknowns, one eliminated by the other."""
    c = mp.mpf(ratio)
    a = [(mp.mpf(t), mp.mpf(w)) for t, w in zip(atoms_a, weights_a, strict=True)]
    b = [(mp.mpf(t), mp.mpf(w)) for t, w in zip(atoms_b, weights_b, strict=True)]

    def density(x):
        def solve(z, start):
            # e = E[a/(z - a d)], d = E[b/(1 - c e b)].
            def equation(e):
                d = sum(w * t / (1 - c * e * t) for t, w in b)
                return e - sum(w * t / (z - t * d) for t, w in a)

            return root_near(equation, start)

        with mp.workdps(25):
            height, mean = mp.mpf(500), sum(w * t for t, w in a)
            e = mean / mp.mpc(x, 500)
            before = e
            while height > mp.mpf(10) ** -10:
                height = height * 2 / 3
                e, before = solve(mp.mpc(x, height), e * e / before), e
        e = solve(mp.mpf(x), e)
        d = sum(w * t / (1 - c * e * t) for t, w in b)
        return -sum(w / (x - t * d) for t, w in a).imag / mp.pi

    return density


@functools.cache
def _airy(s, digits=30, nodes=30):
    """Determinants of 1 - H and 1 + H, H of kernel Ai(s + x + y) on (0, infinity)."""
    with mp.workdps(digits):
        s = mp.mpf(s)
        length = max(mp.mpf(12), 12 - s)
        rule = _legendre(nodes, digits)
        x = [length * (u + 1) / 2 for u, _ in rule]
        w = [mp.sqrt(length * v / 2) for _, v in rule]
        h = mp.matrix(nodes, nodes)
        for i in range(nodes):
            for j in range(i + 1):
                h[i, j] = h[j, i] = w[i] * w[j] * mp.airyai(s + x[i] + x[j])
        one = mp.eye(nodes)
        return mp.det(one - h), mp.det(one + h)


@functools.cache
def _legendre(nodes, digits):
    """Nodes and weights of Gauss' rule on [-1, 1]."""
    with mp.workdps(digits + 10):
        found = []
        for k in range(nodes):
            start = mp.cos(mp.pi * (k + mp.mpf(3) / 4) / (nodes + mp.mpf(1) / 2))
            x = root_near(lambda t: mp.legendre(nodes, t), start)
            slope = nodes * (x * mp.legendre(nodes, x) - mp.legendre(nodes - 1, x)) / (x * x - 1)
            found.append((x, 2 / ((1 - x * x) * slope**2)))
        return found


def tracy_widom_cdf(beta, s):
    """F_1 = det(1 - H), F_2 = det(1 - H^2), F_4 = (det(1 - H) + det(1 + H))/2: Ferrari and Spohn,
    Bornemann; F_4 at the scale of Tracy and Widom's q(s)."""
    minus, plus = _airy(mp.mpf(s))
    return {1: minus, 2: minus * plus, 4: (minus + plus) / 2}[beta]


def tracy_widom_pdf(beta, s):
    step = mp.mpf(10) ** -4
    values = [tracy_widom_cdf(beta, mp.mpf(s) + k * step) for k in (-2, -1, 1, 2)]
    return (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * step)


def tracy_widom_ppf(beta, p, start):
    return mp.findroot(lambda s: tracy_widom_cdf(beta, s) - mp.mpf(p), (start, start + 0.1),
                       solver="secant", tol=1e-36)  # fmt: skip
