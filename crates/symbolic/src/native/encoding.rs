//! Instructions on doubles, as bytes.
//!
//! Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: VEX prefixes for single doubles and
//! vectors of four, EVEX prefixes for vectors of eight.

/// How many doubles an instruction works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    #[cfg(feature = "symbolica")]
    One,
    Four,
    Eight,
}

impl Width {
    /// Doubles in a vector.
    pub(crate) fn lanes(self) -> usize {
        match self {
            #[cfg(feature = "symbolica")]
            Width::One => 1,
            Width::Four => 4,
            Width::Eight => 8,
        }
    }

    /// Vector registers that can be named.
    pub(super) fn registers(self) -> usize {
        if self == Width::Eight { 32 } else { 16 }
    }
}

/// An address register, by the number that encodes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Base(pub(super) u8);

pub(super) const CONSTANTS: Base = Base(1); // rcx
pub(super) const OUTPUTS: Base = Base(6); // rsi
pub(super) const INPUTS: Base = Base(7); // rdi
pub(super) const SCRATCH: Base = Base(8); // r8
/// What stays the same while a map is repeated.
pub(super) const PARAMETERS: Base = Base(9); // r9

/// The second operand of an instruction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Register(u8),
    /// So many bytes from a base.
    Memory(Base, i32),
    /// So many bytes from a base and rax.
    Moving(Base, i32),
}

/// Opcodes of instructions on doubles.
pub(super) const LOAD: u16 = 0x10;
pub(super) const STORE: u16 = 0x11;
pub(super) const ROOT: u16 = 0x51;
pub(super) const XOR: u16 = 0x57;
pub(super) const ADD: u16 = 0x58;
pub(super) const MULTIPLY: u16 = 0x59;
pub(super) const SUBTRACT: u16 = 0x5c;
pub(super) const DIVIDE: u16 = 0x5e;
pub(super) const MOVE: u16 = 0x28;
/// In the second map: target = second · source + target, and so on.
pub(super) const MULTIPLY_ADD: u16 = 0x38b8;
pub(super) const MULTIPLY_SUBTRACT: u16 = 0x38ba;
pub(super) const SUBTRACT_PRODUCT: u16 = 0x38bc;

/// In place of the second register of an instruction that has none.
pub(super) const UNUSED: u8 = 0;

/// Appends an instruction: target, second register, source.
pub(super) fn instruction(
    bytes: &mut Vec<u8>,
    width: Width,
    opcode: u16,
    target: u8,
    second: u8,
    source: Source,
) {
    let base = match source {
        Source::Register(register) => register,
        Source::Memory(base, _) | Source::Moving(base, _) => base.0,
    };
    let fused = opcode >> 8 != 0;
    let map = if fused { 2 } else { 1 }; // the opcodes behind 0f 38, or 0f
    let inverted = |number: u8, bit: u8, to: u8| (!(number >> bit) & 1) << to;
    let [_, mut code] = opcode.to_be_bytes();
    if width == Width::Eight {
        // The fifth bit of a register's number is where the index of an address would be; rax, the only one, has none.
        let index = if matches!(source, Source::Register(_)) { inverted(base, 4, 6) } else { 1 << 6 };
        let high = inverted(target, 3, 7) | index | inverted(base, 3, 5) | inverted(target, 4, 4);
        let wide_and_kind = 1 << 7 | 1 << 2 | 0b01;
        let length = 0b10 << 5;
        bytes.extend([
            0x62,
            high | map,
            wide_and_kind | (!second & 15) << 3,
            length | inverted(second, 4, 3),
        ]);
    } else {
        let vectors = width.lanes() > 1;
        let length_and_kind = match (vectors, opcode) {
            (true, _) => 0b101,                            // 256 bits, packed doubles
            (false, XOR | MOVE | MULTIPLY_ADD..) => 0b001, // 128 bits, of which fused operations use the first double
            (false, _) => 0b011,                           // single doubles
        };
        // Fused operations on single doubles have the next opcode.
        code += u8::from(fused && !vectors);
        let high = inverted(target, 3, 7) | 1 << 6 | inverted(base, 3, 5);
        bytes.extend([0xc4, high | map, u8::from(fused) << 7 | (!second & 15) << 3 | length_and_kind]);
    }
    bytes.push(code);
    let field = (target & 7) << 3;
    match source {
        Source::Register(register) => bytes.push(0xc0 | field | (register & 7)),
        Source::Memory(base, offset) => {
            bytes.push(0x80 | field | (base.0 & 7));
            bytes.extend(offset.to_le_bytes());
        }
        Source::Moving(base, 0) if base.0 & 7 != 5 => bytes.extend([field | 4, base.0 & 7]),
        Source::Moving(base, offset) => {
            bytes.extend([0x80 | field | 4, base.0 & 7]);
            bytes.extend(offset.to_le_bytes());
        }
    }
}
