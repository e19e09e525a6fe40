//! Diagonally implicit methods: one implicit equation after the other.

use super::entry::{Entry, LAST_ROW, entry};
use super::{FOUND_HERE, cite};

const ALEXANDER: &str =
    "Diagonally implicit Runge–Kutta methods for stiff ODEs, SIAM J. Numer. Anal. 14, 1006–1021";
const KVAERNO: &str =
    "Singly diagonally implicit Runge–Kutta methods with an explicit first stage, BIT 44, 489–502";
const BANK: &str =
    "Transient simulation of silicon devices and circuits, IEEE Trans. Computer-Aided Design 4, 436–451";
const NORSETT: &str =
    "Semi-explicit Runge–Kutta methods, report 6/74, Trondheim; and Crouzeix (1975), thesis, Paris VI";

/// The middle root of 6γ³ - 18γ² + 9γ - 1, with which three equal diagonal entries give an L-stable method.
pub(super) const L_STABLE_3: (&str, &str) = ("g", "1/(3+root(x^3-9*x-6, -0.7))");

#[rustfmt::skip]
pub(super) const ENTRIES: &[Entry] = &[
    entry("implicit-euler", "implicit Euler (proximal point)",
        cite("Hairer & Wanner", 1996, "Solving Ordinary Differential Equations II, §IV.3"), 1,
        "1", "1").also(&["backward-euler", "radau-iia-1", "be"]),
    entry("implicit-midpoint", "implicit midpoint rule",
        cite("Hairer, Lubich & Wanner", 2006, "Geometric Numerical Integration, (I.1.7)"), 2,
        "1/2", "1").also(&["gauss2", "gl1"]),
    entry("trapezoidal", "trapezoidal rule",
        cite("Hairer, Lubich & Wanner", 2006, "Geometric Numerical Integration, (II.1.2)"), 2,
        "0; 1/2 1/2", "1/2 1/2").also(&["crank-nicolson", "lobatto-iiia-2", "lobattoiiia2"]),
    entry("gradient-symmetric3", "symmetric of order 2 with equal weights and gradient order 6",
        cite("shadowflow", 2026, FOUND_HERE), 2,
        "1/6+r/24 1/6-r/10 1/6-r/24; 1/6+r/15 1/6 1/6-r/15; 1/6+r/24 1/6+r/10 1/6-r/24", "1/3 1/3 1/3").with(&[("r", "sqrt(10)")]),
    entry("gradient-dirk2", "diagonally implicit of order 2 with gradient order 4",
        cite("shadowflow", 2026, FOUND_HERE), 2,
        "1/6; 1/2 1/3", "1/2 1/2"),
    entry("sdirk2", "singly diagonally implicit of order 2, L-stable",
        cite("Alexander", 1977, ALEXANDER), 2,
        "g; 1-g g", LAST_ROW).also(&["alexander2"]).with(&[("g", "1-sqrt(2)/2")]),
    entry("pareschi-russo", "Pareschi–Russo of order 2, L-stable",
        cite("Pareschi & Russo", 2005, "Implicit-explicit Runge–Kutta schemes and applications to hyperbolic systems with relaxation, J. Sci. Comput. 25, 129–155"), 2,
        "g; 1-2*g g", "1/2 1/2").with(&[("g", "1-sqrt(2)/2")]),
    entry("qin-zhang", "Qin–Zhang of order 2, symplectic",
        cite("Qin & Zhang", 1992, "Symplectic Runge–Kutta algorithms for Hamiltonian systems, J. Comput. Math., supplement"), 2,
        "1/4; 1/2 1/4", "1/2 1/2"),
    entry("tr-bdf2", "trapezoidal rule followed by BDF2, the best split",
        cite("Bank et al.", 1985, BANK), 2,
        "0; g/2 g/2; (1-g/2)/2 (1-g/2)/2 g/2", LAST_ROW).also(&["ark2-implicit"]).with(&[("g", "2-sqrt(2)")])
        .embedded("(1-sqrt(2)/4)/3 (3*sqrt(2)/4+1)/3 (2-sqrt(2))/6"),
    entry("tr-bdf2-half", "trapezoidal rule over half a step followed by BDF2",
        cite("Bank et al.", 1985, BANK), 2,
        "0; 1/4 1/4; 1/3 1/3 1/3", LAST_ROW),
    entry("crouzeix3", "singly diagonally implicit of order 3, A-stable",
        cite("Nørsett", 1974, NORSETT), 3,
        "(3+sqrt(3))/6; -sqrt(3)/3 (3+sqrt(3))/6", "1/2 1/2").also(&["norsett3", "sdirk23"]),
    entry("alexander3", "singly diagonally implicit of order 3, L-stable",
        cite("Alexander", 1977, ALEXANDER), 3,
        "g; (1-g)/2 g; (-1+16*g-6*g^2)/4 (5-20*g+6*g^2)/4 g", LAST_ROW).also(&["sdirk3"]).with(&[L_STABLE_3]),
    entry("kvaerno3", "Kværnø pair 3(2), explicit first stage",
        cite("Kværnø", 2004, KVAERNO), 3,
        "0; g g; (-3+14*g-6*g^2)/4 (7-18*g+6*g^2)/4 g; (-1+6*g-2*g^2)/4 (1+14*g-6*g^2)/4 1-6*g+2*g^2 g",
        LAST_ROW).with(&[L_STABLE_3]).embedded("(-3+14*g-6*g^2)/4 (7-18*g+6*g^2)/4 g 0"),
    entry("crouzeix4", "singly diagonally implicit of order 4, A-stable",
        cite("Nørsett", 1974, NORSETT), 4,
        "g; 1/2-g g; 2*g 1-4*g g", "d 1-2*d d").also(&["norsett4", "sdirk34"])
        .with(&[("c", "cos(pi/9)"), ("g", "(1+2*c+4*c^2)/6"), ("d", "1/(6*(2*g-1)^2)")]),
    entry("kvaerno4", "Kværnø pair 4(3), explicit first stage, L-stable",
        cite("Kværnø", 2004, KVAERNO), 4,
        "0; g g; (144*g^4-180*g^3+81*g^2-15*g+1)*g/d^2 (-36*g^3+39*g^2-15*g+2)*g/d^2 g; \
         (-144*g^5+396*g^4-330*g^3+117*g^2-18*g+1)/(q*e) (72*g^4-126*g^3+69*g^2-15*g+1)/(q*f) (-6*g^2+6*g-1)*d^2/(q*e*f) g; \
         (288*g^4-312*g^3+120*g^2-18*g+1)/(4*q*e) (24*g^2-12*g+1)/(4*q*f) -d^3/(4*q*e*f*(6*g^2-6*g+1)) \
         (-24*g^3+36*g^2-12*g+1)/(24*g^2-24*g+4) g",
        LAST_ROW).with(&[("g", "1/root(x^4-16*x^3+72*x^2-96*x+24, 1.75)"), ("d", "12*g^2-6*g+1"), ("e", "12*g^2-9*g+2"), ("f", "3*g-1"),
            ("q", "12*g^2")])
        .embedded("(-144*g^5+396*g^4-330*g^3+117*g^2-18*g+1)/(q*e) (72*g^4-126*g^3+69*g^2-15*g+1)/(q*f) (-6*g^2+6*g-1)*d^2/(q*e*f) g 0"),
    entry("cash4", "Cash pair 4(3)",
        cite("Cash", 1979, "Diagonally implicit Runge–Kutta formulae with error estimates, J. Inst. Maths Applics 24, 293–301"), 4,
        "0.4358665215084589994160194511935568425293; -1.135866521508458999416019451193556842529 0.4358665215084589994160194511935568425293; \
         1.085433306501187798233740932177548948256 -0.7212998280096467976497603833711057907848 0.4358665215084589994160194511935568425293; \
         0.4163495015787799872439975203112232915822 0.1909840041795561340637290424182710083545 -0.1186432654601150605249854908172545332519 \
         0.4358665215084589994160194511935568425293; \
         0.8968696529704295827357809984030487598656 0.01827252727396890379954420931708867645445 -0.08459003110197203803096641412326485130547 \
         -0.2664186706508854479203782447904294275438 0.4358665215084589994160194511935568425293",
        LAST_ROW).digits(37)
        .embedded("0.7766919329157524221967851040635650689914 0.02974727915032039108861503804581544141749 \
         -0.02674402391564096382835552392654800827276 0.2203048118495681505429553818171674978639 0"),
    entry("sdirk4", "Hairer–Wanner pair 4(3), L-stable",
        cite("Hairer & Wanner", 1996, "Solving Ordinary Differential Equations II, Table IV.6.5"), 4,
        "1/4; 1/2 1/4; 17/50 -1/25 1/4; 371/1360 -137/2720 15/544 1/4; 25/24 -49/48 125/16 -85/12 1/4",
        LAST_ROW).also(&["sdirk54"]).embedded("59/48 -17/96 225/32 -85/12 0"),
    entry("yoshida4", "triple jump of the implicit midpoint rule, symplectic of order 4",
        cite("Yoshida", 1990, "Construction of higher order symplectic integrators, Phys. Lett. A 150, 262–268"), 4,
        "p/2; p (1-2*p)/2; p 1-2*p p/2", "p 1-2*p p").with(&[("p", "1/(2-root(x^3-2, 1.3))")]),
    entry("suzuki4", "Suzuki's fractal of the implicit midpoint rule, symplectic of order 4",
        cite("Suzuki", 1990, "Fractal decomposition of exponential operators with applications to many-body theories and Monte Carlo simulations, Phys. Lett. A 146, 319–323"), 4,
        "p/2; p p/2; p p (1-4*p)/2; p p 1-4*p p/2; p p 1-4*p p p/2", "p p 1-4*p p p").with(&[("p", "1/(4-root(x^3-4, 1.6))")]),
    entry("kvaerno5", "Kværnø pair 5(4), explicit first stage",
        cite("Kværnø", 2004, KVAERNO), 5,
        "0; 0.26 0.26; 0.13 0.8403332099679080963171360487915268154051 0.26; \
         0.2237196147832050559163143898290529441991 0.4767553231979969983278927937270874162429 -0.06470895363112615133816161180658488282681 0.26; \
         0.1664856432324832152535151725360430044452 0.1045001884159172041151167240328967362455 0.03631482272098715161651993758285203251909 \
         -0.1309070445107399857071749645700052401819 0.26; \
         0.1385564023126822495054973091161581456582 0 -0.04245337201752043098884399725982168512523 0.02446657898003141965963581513879101305561 \
         0.6194303907248067618237108730048725264114 0.26; \
         0.1365975117764029144062783844146127033921 0 -0.05496908796538376712487773114648630009105 -0.04118626728321046868299776958296295741592 \
         0.6299330489901640319161060392667246534806 0.06962479448202728948549107704811190063421 0.26",
        LAST_ROW).digits(37)
        .embedded("0.1385564023126822495054973091161581456582 0 -0.04245337201752043098884399725982168512523 \
         0.02446657898003141965963581513879101305561 0.6194303907248067618237108730048725264114 0.26 0"),
];
