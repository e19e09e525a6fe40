//! Explicit methods without error estimate, or with one that came later.

use super::entry::{Entry, LAST_ROW, entry};
use super::{FOUND_HERE, cite};

const KUTTA: &str =
    "Beitrag zur näherungsweisen Integration totaler Differentialgleichungen, Z. Math. Phys. 46, 435–453";
const HEUN: &str = "Neue Methoden zur approximativen Integration der Differentialgleichungen einer unabhängigen Veränderlichen, Z. Math. Phys. 45, 23–38";
const RALSTON: &str = "Runge–Kutta methods with minimum error bounds, Math. Comp. 16, 431–437";
const NYSTROM: &str =
    "Über die numerische Integration von Differentialgleichungen, Acta Soc. Sci. Fenn. 50(13)";
const WANG_SPITERI: &str =
    "Linear instability of the fifth-order WENO method, SIAM J. Numer. Anal. 45, 1871–1901";

#[rustfmt::skip]
pub(super) const ENTRIES: &[Entry] = &[
    entry("euler", "explicit Euler (gradient descent)",
        cite("Euler", 1768, "Institutionum calculi integralis I, §650"), 1,
        "", "1").also(&["explicit-euler", "forward-euler", "gradient-descent", "gd", "fe"]),
    entry("midpoint", "explicit midpoint rule",
        cite("Runge", 1895, "Über die numerische Auflösung von Differentialgleichungen, Math. Ann. 46, 167–178"), 2,
        "; 1/2", "0 1").also(&["explicit-midpoint", "modified-euler", "mid22"]).embedded("1 0"),
    entry("heun", "Heun of order 2 (explicit trapezoidal rule)",
        cite("Heun", 1900, HEUN), 2,
        "; 1", "1/2 1/2").also(&["heun2", "ssp22", "explicit-trapezoidal", "heun22"]).embedded("1 0"),
    entry("ralston", "Ralston of order 2",
        cite("Ralston", 1962, RALSTON), 2,
        "; 2/3", "1/4 3/4").also(&["ralston2", "mte22"]).embedded("1 0"),
    entry("nssp32", "Wang–Spiteri of order 2 with 3 stages",
        cite("Wang & Spiteri", 2007, WANG_SPITERI), 2,
        "; 1/3; 0 1", "1/2 0 1/2"),
    entry("ark2-explicit", "explicit half of the additive pair ARK2",
        cite("Giraldo, Kelly & Constantinescu", 2013, "Implicit-explicit formulations of a three-dimensional nonhydrostatic unified model of the atmosphere, SIAM J. Sci. Comput. 35, B1162–B1194"), 2,
        "; 2-sqrt(2); 1/2-sqrt(2)/3 1/2+sqrt(2)/3", "sqrt(2)/4 sqrt(2)/4 1-sqrt(2)/2"),
    entry("kutta3", "Kutta of order 3",
        cite("Kutta", 1901, KUTTA), 3,
        "; 1/2; -1 2", "1/6 2/3 1/6"),
    entry("heun3", "Heun of order 3",
        cite("Heun", 1900, HEUN), 3,
        "; 1/3; 0 2/3", "1/4 0 3/4").also(&["heun33"]),
    entry("ralston3", "Ralston of order 3",
        cite("Ralston", 1962, RALSTON), 3,
        "; 1/2; 0 3/4", "2/9 1/3 4/9"),
    entry("nystrom3", "Nyström of order 3",
        cite("Nyström", 1925, NYSTROM), 3,
        "; 2/3; 0 2/3", "1/4 3/8 3/8"),
    entry("nssp33", "Wang–Spiteri of order 3",
        cite("Wang & Spiteri", 2007, WANG_SPITERI), 3,
        "; -4/9; 7/6 -1/2", "1/4 0 3/4"),
    entry("gradient4", "explicit of order 3 with gradient order 4",
        cite("shadowflow", 2026, FOUND_HERE), 3,
        "; 2/3; 1/4 1/12; -2/3 0 4/3", "1/4 3/8 0 3/8"),
    entry("rk4", "classical Runge–Kutta of order 4",
        cite("Kutta", 1901, KUTTA), 4,
        "; 1/2; 0 1/2; 0 0 1", "1/6 1/3 1/3 1/6").also(&["classical", "kutta4", "rk44"]),
    entry("rk38", "Kutta's 3/8 rule",
        cite("Kutta", 1901, KUTTA), 4,
        "; 1/3; -1/3 1; 1 -1 1", "1/8 3/8 3/8 1/8").also(&["three-eighths"]),
    entry("ralston4", "Ralston of order 4",
        cite("Ralston", 1962, RALSTON), 4,
        "; 2/5; (-2889+1428*q)/1024 (3785-1620*q)/1024; (-3365+2094*q)/6040 (-975-3046*q)/2552 (467040+203968*q)/240845",
        "(263+24*q)/1812 (125-1000*q)/3828 1024*(3346+1623*q)/5924787 (30-4*q)/123").with(&[("q", "sqrt(5)")]),
    entry("gill", "Gill of order 4",
        cite("Gill", 1951, "A process for the step-by-step integration of differential equations in an automatic digital computing machine, Proc. Camb. Phil. Soc. 47, 96–108"), 4,
        "; 1/2; (sqrt(2)-1)/2 (2-sqrt(2))/2; 0 -sqrt(2)/2 (2+sqrt(2))/2", "1/6 (2-sqrt(2))/6 (2+sqrt(2))/6 1/6"),
    entry("owren-zennaro-3", "Owren–Zennaro of order 3, with continuous extension",
        cite("Owren & Zennaro", 1992, "Derivation of efficient, continuous, explicit Runge–Kutta methods, SIAM J. Sci. Stat. Comput. 13, 1488–1501"), 3,
        "; 12/23; -68/375 368/375; 31/144 529/1152 125/384", LAST_ROW),
    entry("owren-zennaro-4", "Owren–Zennaro of order 4, with continuous extension",
        cite("Owren & Zennaro", 1992, "Derivation of efficient, continuous, explicit Runge–Kutta methods, SIAM J. Sci. Stat. Comput. 13, 1488–1501"), 4,
        "; 1/6; 44/1369 363/1369; 3388/4913 -8349/4913 8140/4913; -36764/408375 767/1125 -32708/136125 210392/408375; \
         1697/18876 0 50653/116160 299693/1626240 3375/11648", LAST_ROW),
    entry("nystrom5", "Nyström of order 5, correcting Kutta",
        cite("Nyström", 1925, NYSTROM), 5,
        "; 1/3; 4/25 6/25; 1/4 -3 15/4; 2/27 10/9 -50/81 8/81; 2/25 12/25 2/15 8/75 0",
        "23/192 0 125/192 0 -27/64 125/192").also(&["kutta-nystrom", "nystrl5"]),
    entry("butcher5", "Butcher of order 5",
        cite("Butcher", 2008, "Numerical Methods for Ordinary Differential Equations, Chapter 3"), 5,
        "; 1/4; 1/8 1/8; 0 0 1/2; 3/16 -3/8 3/8 9/16; -3/7 8/7 6/7 -12/7 8/7",
        "7/90 0 16/45 2/15 16/45 7/90").also(&["burk65"]),
    entry("lawson5", "Lawson of order 5, with a large stability region",
        cite("Lawson", 1966, "An order five Runge–Kutta process with extended region of stability, SIAM J. Numer. Anal. 3, 593–597"), 5,
        "; 1/2; 3/16 1/16; 0 0 1/2; 0 -3/16 3/8 9/16; 1/7 4/7 6/7 -12/7 8/7",
        "7/90 0 16/45 2/15 16/45 7/90").also(&["lambert5", "lambert65"]),
    entry("butcher6", "Butcher of order 6",
        cite("Butcher", 1964, "On Runge–Kutta processes of high order, J. Austral. Math. Soc. 4, 179–194"), 6,
        "; 1/3; 0 2/3; 1/12 1/3 -1/12; -1/16 9/8 -3/16 -3/8; 0 9/8 -3/8 -3/4 1/2; 9/44 -9/11 63/44 18/11 0 -16/11",
        "11/120 0 27/40 27/40 -4/15 -4/15 11/120"),
    entry("luther6", "Luther of order 6",
        cite("Luther", 1968, "An explicit sixth-order Runge–Kutta formula, Math. Comp. 22, 434–436"), 6,
        "; 1; 3/8 1/8; 8/27 2/27 8/27; (-21+9*q)/392 (-56+8*q)/392 (336-48*q)/392 (-63+3*q)/392; \
         (-1155-255*q)/1960 (-280-40*q)/1960 -320*q/1960 (63+363*q)/1960 (2352+392*q)/1960; \
         (330+105*q)/180 2/3 (-200+280*q)/180 (126-189*q)/180 (-686-126*q)/180 (490-70*q)/180",
        "1/20 0 16/45 0 49/180 49/180 1/20").with(&[("q", "sqrt(21)")]),
    entry("cooper-verner-8", "Cooper–Verner of order 8",
        cite("Cooper & Verner", 1972, "Some explicit Runge–Kutta methods of high order, SIAM J. Numer. Anal. 9, 389–405"), 8,
        "; 1/2; 1/4 1/4; 1/7 (-7-3*q)/98 (21+5*q)/49; (11+q)/84 0 (18+4*q)/63 (21-q)/252; \
         (5+q)/48 0 (9+q)/36 (-231+14*q)/360 (63-7*q)/80; (10-q)/42 0 (-432+92*q)/315 (633-145*q)/90 (-504+115*q)/70 (63-13*q)/35; \
         1/14 0 0 0 (14-3*q)/126 (13-3*q)/63 1/9; 1/32 0 0 0 (91-21*q)/576 11/72 (-385-75*q)/1152 (63+13*q)/128; \
         1/14 0 0 0 1/9 (-733-147*q)/2205 (515+111*q)/504 (-51-11*q)/56 (132+28*q)/245; \
         0 0 0 0 (-42+7*q)/18 (-18+28*q)/45 (-273-53*q)/72 (301+53*q)/72 (28-28*q)/45 (49-7*q)/18",
        "1/20 0 0 0 0 0 0 49/180 16/45 49/180 1/20").with(&[("q", "sqrt(21)")]),
];
