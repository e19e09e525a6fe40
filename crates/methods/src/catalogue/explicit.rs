//! Explicit methods.

use super::{Citation, Entry, cite};

const KUTTA: &str =
    "Beitrag zur näherungsweisen Integration totaler Differentialgleichungen, Z. Math. Phys. 46, 435–453";
const HEUN: &str = "Neue Methoden zur approximativen Integration der Differentialgleichungen einer unabhängigen Veränderlichen, Z. Math. Phys. 45, 23–38";
const RALSTON: &str = "Runge–Kutta methods with minimum error bounds, Math. Comp. 16, 431–437";
const NYSTROM: &str =
    "Über die numerische Integration von Differentialgleichungen, Acta Soc. Sci. Fenn. 50(13)";

const fn entry(
    name: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    citation: Citation,
    order: u32,
    a: &'static str,
    b: &'static str,
) -> Entry {
    Entry { name, aliases, title, citation, order, a, b, embedded: "" }
}

#[rustfmt::skip]
pub(super) const ENTRIES: &[Entry] = &[
    entry("euler", &["explicit-euler", "forward-euler", "gradient-descent", "gd"], "explicit Euler (gradient descent)",
        cite("Euler", 1768, "Institutionum calculi integralis I, §650"), 1,
        "", "1"),
    entry("midpoint", &["explicit-midpoint", "modified-euler"], "explicit midpoint rule",
        cite("Runge", 1895, "Über die numerische Auflösung von Differentialgleichungen, Math. Ann. 46, 167–178"), 2,
        "; 1/2", "0 1"),
    entry("heun", &["heun2", "ssp22", "explicit-trapezoidal"], "Heun of order 2 (explicit trapezoidal rule)",
        cite("Heun", 1900, HEUN), 2,
        "; 1", "1/2 1/2"),
    entry("ralston", &["ralston2"], "Ralston of order 2",
        cite("Ralston", 1962, RALSTON), 2,
        "; 2/3", "1/4 3/4"),
    entry("kutta3", &[], "Kutta of order 3",
        cite("Kutta", 1901, KUTTA), 3,
        "; 1/2; -1 2", "1/6 2/3 1/6"),
    entry("heun3", &[], "Heun of order 3",
        cite("Heun", 1900, HEUN), 3,
        "; 1/3; 0 2/3", "1/4 0 3/4"),
    entry("ralston3", &[], "Ralston of order 3",
        cite("Ralston", 1962, RALSTON), 3,
        "; 1/2; 0 3/4", "2/9 1/3 4/9"),
    entry("nystrom3", &[], "Nyström of order 3",
        cite("Nyström", 1925, NYSTROM), 3,
        "; 2/3; 0 2/3", "1/4 3/8 3/8"),
    entry("ssp33", &["shu-osher"], "strong stability preserving, 3 stages of order 3",
        cite("Shu & Osher", 1988, "Efficient implementation of essentially non-oscillatory shock-capturing schemes, J. Comput. Phys. 77, 439–471"), 3,
        "; 1; 1/4 1/4", "1/6 1/6 2/3"),
    entry("ssp43", &[], "strong stability preserving, 4 stages of order 3",
        cite("Kraaijevanger", 1991, "Contractivity of Runge–Kutta methods, BIT 31, 482–528"), 3,
        "; 1/2; 1/2 1/2; 1/6 1/6 1/6", "1/6 1/6 1/6 1/2"),
    entry("ssp104", &[], "strong stability preserving, 10 stages of order 4",
        cite("Ketcheson", 2008, "Highly efficient strong stability-preserving Runge–Kutta methods with low-storage implementations, SIAM J. Sci. Comput. 30, 2113–2136"), 4,
        "; 1/6; 1/6 1/6; 1/6 1/6 1/6; 1/6 1/6 1/6 1/6; 1/15 1/15 1/15 1/15 1/15; 1/15 1/15 1/15 1/15 1/15 1/6; \
         1/15 1/15 1/15 1/15 1/15 1/6 1/6; 1/15 1/15 1/15 1/15 1/15 1/6 1/6 1/6; 1/15 1/15 1/15 1/15 1/15 1/6 1/6 1/6 1/6",
        "1/10 1/10 1/10 1/10 1/10 1/10 1/10 1/10 1/10 1/10"),
    entry("rk4", &["classical", "kutta4"], "classical Runge–Kutta of order 4",
        cite("Kutta", 1901, KUTTA), 4,
        "; 1/2; 0 1/2; 0 0 1", "1/6 1/3 1/3 1/6"),
    entry("rk38", &["three-eighths"], "Kutta's 3/8 rule",
        cite("Kutta", 1901, KUTTA), 4,
        "; 1/3; -1/3 1; 1 -1 1", "1/8 3/8 3/8 1/8"),
    entry("ralston4", &[], "Ralston of order 4",
        cite("Ralston", 1962, RALSTON), 4,
        "; 2/5; (-2889+1428*sqrt(5))/1024 (3785-1620*sqrt(5))/1024; \
         (-3365+2094*sqrt(5))/6040 (-975-3046*sqrt(5))/2552 (467040+203968*sqrt(5))/240845",
        "(263+24*sqrt(5))/1812 (125-1000*sqrt(5))/3828 1024*(3346+1623*sqrt(5))/5924787 (30-4*sqrt(5))/123"),
    entry("gill", &[], "Gill of order 4",
        cite("Gill", 1951, "A process for the step-by-step integration of differential equations in an automatic digital computing machine, Proc. Camb. Phil. Soc. 47, 96–108"), 4,
        "; 1/2; (sqrt(2)-1)/2 (2-sqrt(2))/2; 0 -sqrt(2)/2 (2+sqrt(2))/2", "1/6 (2-sqrt(2))/6 (2+sqrt(2))/6 1/6"),
    entry("merson", &["kutta-merson"], "Merson of order 4",
        cite("Merson", 1957, "An operational method for the study of integration processes, Proc. Symp. Data Processing, Salisbury"), 4,
        "; 1/3; 1/6 1/6; 1/8 0 3/8; 1/2 0 -3/2 2", "1/6 0 0 2/3 1/6"),
    entry("nystrom5", &["kutta-nystrom"], "Nyström of order 5, correcting Kutta",
        cite("Nyström", 1925, NYSTROM), 5,
        "; 1/3; 4/25 6/25; 1/4 -3 15/4; 2/27 10/9 -50/81 8/81; 2/25 12/25 2/15 8/75 0",
        "23/192 0 125/192 0 -27/64 125/192"),
    entry("butcher6", &[], "Butcher of order 6",
        cite("Butcher", 1964, "On Runge–Kutta processes of high order, J. Austral. Math. Soc. 4, 179–194"), 6,
        "; 1/3; 0 2/3; 1/12 1/3 -1/12; -1/16 9/8 -3/16 -3/8; 0 9/8 -3/8 -3/4 1/2; 9/44 -9/11 63/44 18/11 0 -16/11",
        "11/120 0 27/40 27/40 -4/15 -4/15 11/120"),
    Entry { name: "bogacki-shampine", aliases: &["bs32"], title: "Bogacki–Shampine pair 3(2)",
        citation: cite("Bogacki & Shampine", 1989, "A 3(2) pair of Runge–Kutta formulas, Appl. Math. Lett. 2, 321–325"), order: 3,
        a: "; 1/2; 0 3/4; 2/9 1/3 4/9", b: "2/9 1/3 4/9 0",
        embedded: "7/24 1/4 1/3 1/8" },
    Entry { name: "fehlberg", aliases: &["rkf45", "fehlberg45"], title: "Fehlberg pair 4(5)",
        citation: cite("Fehlberg", 1969, "Low-order classical Runge–Kutta formulas with stepsize control and their application to some heat transfer problems, NASA TR R-315"), order: 4,
        a: "; 1/4; 3/32 9/32; 1932/2197 -7200/2197 7296/2197; 439/216 -8 3680/513 -845/4104; \
            -8/27 2 -3544/2565 1859/4104 -11/40",
        b: "25/216 0 1408/2565 2197/4104 -1/5 0",
        embedded: "16/135 0 6656/12825 28561/56430 -9/50 2/55" },
    Entry { name: "cash-karp", aliases: &[], title: "Cash–Karp pair 5(4)",
        citation: cite("Cash & Karp", 1990, "A variable order Runge–Kutta method for initial value problems with rapidly varying right-hand sides, ACM TOMS 16, 201–222"), order: 5,
        a: "; 1/5; 3/40 9/40; 3/10 -9/10 6/5; -11/54 5/2 -70/27 35/27; 1631/55296 175/512 575/13824 44275/110592 253/4096",
        b: "37/378 0 250/621 125/594 0 512/1771",
        embedded: "2825/27648 0 18575/48384 13525/55296 277/14336 1/4" },
    Entry { name: "dormand-prince", aliases: &["dopri5", "rk45"], title: "Dormand–Prince pair 5(4)",
        citation: cite("Dormand & Prince", 1980, "A family of embedded Runge–Kutta formulae, J. Comput. Appl. Math. 6, 19–26"), order: 5,
        a: "; 1/5; 3/40 9/40; 44/45 -56/15 32/9; 19372/6561 -25360/2187 64448/6561 -212/729; \
            9017/3168 -355/33 46732/5247 49/176 -5103/18656; 35/384 0 500/1113 125/192 -2187/6784 11/84",
        b: "35/384 0 500/1113 125/192 -2187/6784 11/84 0",
        embedded: "5179/57600 0 7571/16695 393/640 -92097/339200 187/2100 1/40" },
];
