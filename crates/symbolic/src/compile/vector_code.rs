//! Machine code for arithmetic, for x86-64 with AVX and FMA: at one point, and in a loop over vectors of four points.
//!
//! The JIT of the algebra system gives code for one vector, which must be called for each and keeps its intermediate
//! values in memory: four times slower, in batches, than a loop that a compiler makes. Programs without calls need only a
//! handful of instructions, which are put together here. Registers are given to values in the order of the program, and
//! where there are too few the value whose next use is farthest goes to memory (Belady 1966). Every operation is one
//! instruction that rounds as IEEE 754 says, in the order of the program, products fused with sums (`fusion`).
//!
//! Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.

use std::collections::HashMap;

use super::fusion::{Operation, operations};
use super::program::{Operand, Program, Step};

/// Doubles in a vector.
pub(super) const LANES: usize = 4;

/// A vector in memory, so placed that no line of a cache ends within it.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub(super) struct Vector(pub(super) [f64; LANES]);

/// Bytes in a vector.
const VECTOR: i32 = 32;

/// Code, and what it wants to find in memory.
///
/// It is a function of the System V ABI with five arguments. For many points: a table of the addresses of the inputs, one
/// of the outputs, the bytes of each of them (a multiple of 32, and not 0), the address of `constants`, and that of scratch
/// space. For one point: the address of the inputs, that of the outputs, anything, and the last two again.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) bytes: Vec<u8>,
    /// Every constant in all lanes.
    pub(super) constants: Vec<Vector>,
    /// How many vectors of scratch space it needs.
    pub(super) scratch: usize,
}

/// An address register, by the number that encodes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Base(u8);

const CONSTANTS: Base = Base(1); // rcx
const OUTPUTS: Base = Base(6); // rsi
const INPUTS: Base = Base(7); // rdi
const SCRATCH: Base = Base(8); // r8
/// The input or output at hand, one of those beyond the first few.
const COLUMN: Base = Base(10);

/// Where the addresses of the first inputs and outputs stay: r9, r11, rbx, r14, r15. The last three belong to the caller.
const COLUMNS: [Base; 5] = [Base(9), Base(11), Base(3), Base(14), Base(15)];
const SAVE: [u8; 5] = [0x53, 0x41, 0x56, 0x41, 0x57]; // push rbx; push r14; push r15
const RESTORE: [u8; 5] = [0x41, 0x5f, 0x41, 0x5e, 0x5b]; // pop r15; pop r14; pop rbx

/// The second operand of an instruction.
#[derive(Clone, Copy, Debug)]
enum Source {
    Register(u8),
    /// So many bytes from a base.
    Memory(Base, i32),
    /// The current vector of the input or output whose address is in a register.
    Column(Base),
}

/// Opcodes of instructions on doubles.
const LOAD: u16 = 0x10;
const STORE: u16 = 0x11;
const ROOT: u16 = 0x51;
const XOR: u16 = 0x57;
const ADD: u16 = 0x58;
const MULTIPLY: u16 = 0x59;
const SUBTRACT: u16 = 0x5c;
const DIVIDE: u16 = 0x5e;
const MOVE: u16 = 0x28;
/// In the second map: target = second · source + target, and so on.
const MULTIPLY_ADD: u16 = 0x38b8;
const MULTIPLY_SUBTRACT: u16 = 0x38ba;
const SUBTRACT_PRODUCT: u16 = 0x38bc;

/// In place of the second register of an instruction that has none.
const UNUSED: u8 = 0;

/// The code of a program without calls, for many points.
pub(super) fn loop_code(program: &Program) -> Code {
    let mut assembler = Assembler::new(program, true);
    assembler.bytes.extend(SAVE);
    let inputs = (0..program.inputs).map(|i| (INPUTS, i));
    let columns = inputs.chain((0..program.outputs.len()).map(|o| (OUTPUTS, o)));
    for (base, (table, column)) in COLUMNS.into_iter().zip(columns) {
        assembler.load_address(base, table, column);
    }
    assembler.bytes.extend([0x31, 0xc0]); // xor eax, eax
    let start = assembler.bytes.len();
    assembler.program();
    let bytes = &mut assembler.bytes;
    bytes.extend([0x48, 0x83, 0xc0, VECTOR as u8]); // add rax, 32
    bytes.extend([0x48, 0x39, 0xd0]); // cmp rax, rdx
    bytes.extend([0x0f, 0x82]); // jb start
    let back = start as i32 - (bytes.len() as i32 + 4);
    bytes.extend(back.to_le_bytes());
    bytes.extend([0xc5, 0xf8, 0x77]); // vzeroupper
    bytes.extend(RESTORE);
    assembler.finish()
}

/// The code of a program without calls, for one point.
pub(super) fn point_code(program: &Program) -> Code {
    let mut assembler = Assembler::new(program, false);
    assembler.program();
    assembler.finish()
}

struct Assembler<'a> {
    program: &'a Program,
    operations: Vec<Option<Operation>>,
    /// Whether for vectors rather than for single doubles.
    vectors: bool,
    /// The constants of the program, then -0 and 1.
    constants: Vec<f64>,
    /// The steps that use a value, in ascending order.
    uses: HashMap<Operand, Vec<usize>>,
    /// The outputs that a step is.
    outputs: Vec<Vec<usize>>,
    registers: [Option<Operand>; 16],
    /// The place in scratch space of each value that had to leave its register.
    spilled: HashMap<Operand, usize>,
    bytes: Vec<u8>,
}

impl<'a> Assembler<'a> {
    fn new(program: &'a Program, vectors: bool) -> Assembler<'a> {
        let mut uses: HashMap<Operand, Vec<usize>> = HashMap::new();
        let operations = operations(program);
        for (k, operation) in operations.iter().enumerate() {
            if let Some(operation) = operation {
                operation.visit(|operand| uses.entry(operand).or_default().push(k));
            }
        }
        let mut outputs = vec![Vec::new(); program.steps.len()];
        for (o, &output) in program.outputs.iter().enumerate() {
            if let Operand::Step(k) = output {
                outputs[k].push(o);
            }
        }
        let mut constants = program.constants.clone();
        constants.extend([-0.0, 1.0]);
        Assembler {
            program,
            operations,
            vectors,
            constants,
            uses,
            outputs,
            registers: [None; 16],
            spilled: HashMap::new(),
            bytes: Vec::new(),
        }
    }

    /// The code of all steps, and of outputs that are none.
    fn program(&mut self) {
        for k in 0..self.program.steps.len() {
            self.step(k);
        }
        for (o, &output) in self.program.outputs.iter().enumerate() {
            if !matches!(output, Operand::Step(_)) {
                let register = self.free_register(self.program.steps.len(), &[]);
                self.load(register, output);
                self.store_output(register, o);
            }
        }
    }

    fn finish(mut self) -> Code {
        self.bytes.push(0xc3); // ret
        let constants = self.constants.iter().map(|&c| Vector([c; LANES])).collect();
        Code { bytes: self.bytes, constants, scratch: self.spilled.len() }
    }

    /// The code in place of step k.
    fn step(&mut self, k: usize) {
        let target = match self.operations[k] {
            None => return,
            Some(Operation::Plain(step)) => self.plain(k, step),
            Some(Operation::ProductPlus(operands)) => self.fused(k, MULTIPLY_ADD, operands),
            Some(Operation::ProductMinus(operands)) => self.fused(k, MULTIPLY_SUBTRACT, operands),
            Some(Operation::MinusProduct(operands)) => self.fused(k, SUBTRACT_PRODUCT, operands),
        };
        self.registers[usize::from(target)] = Some(Operand::Step(k));
        for o in self.outputs[k].clone() {
            self.store_output(target, o);
        }
        self.release(&[Operand::Step(k)], k);
    }

    /// The code of a step, and the register of its value.
    fn plain(&mut self, k: usize, step: Step) -> u8 {
        let (minus_zero, one) = (self.program.constants.len(), self.program.constants.len() + 1);
        let (minus_zero, one) = (Operand::Constant(minus_zero), Operand::Constant(one));
        let (opcode, first, second, commutes) = match step {
            // Not the other way round: this instruction reads a whole vector, even for a single double.
            Step::Negative(a) => (XOR, Some(a), minus_zero, false),
            Step::Sum(a, b) => (ADD, Some(a), b, true),
            Step::Difference(a, b) => (SUBTRACT, Some(a), b, false),
            Step::Product(a, b) => (MULTIPLY, Some(a), b, true),
            Step::Reciprocal(a) => (DIVIDE, Some(one), a, false),
            Step::Root(a) => (ROOT, None, a, false),
            Step::Power(..) | Step::Call(..) => unreachable!("calls stand between arithmetic"),
        };
        let operands = [first.unwrap_or(second), second];
        self.bring(k, &operands);
        let (first, second) = match first {
            Some(a) if commutes && self.register_of(a).is_none() => (Some(second), a),
            first => (first, second),
        };
        match (first, first.and_then(|first| self.register_of(first))) {
            (_, Some(register)) => {
                let source = self.source(second);
                // The target may be one of the operands: they are read before it is written.
                self.release(&operands, k);
                let target = self.free_register(k, &operands);
                self.instruction(opcode, target, register, source);
                target
            }
            (first, None) => {
                let target = self.free_register(k, &operands);
                if let Some(first) = first {
                    self.load(target, first);
                }
                let source = self.source(second);
                self.instruction(opcode, target, if first.is_some() { target } else { UNUSED }, source);
                self.release(&operands, k);
                target
            }
        }
    }

    /// The code of a fused operation, and the register of its value: that of the third operand, or a copy of it.
    fn fused(&mut self, k: usize, opcode: u16, operands: [Operand; 3]) -> u8 {
        self.bring(k, &operands);
        let [a, b, c] = operands;
        let (a, b) = if self.register_of(a).is_none() { (b, a) } else { (a, b) };
        let first = self.register_of(a).unwrap_or_else(|| {
            let register = self.free_register(k, &operands);
            self.load(register, a);
            self.registers[usize::from(register)] = Some(a);
            register
        });
        let target = match self.register_of(c) {
            Some(register) if !self.is_needed_after(c, k) && c != a && c != b => register,
            held => {
                let target = self.free_register(k, &operands);
                match held {
                    Some(register) => self.instruction(MOVE, target, UNUSED, Source::Register(register)),
                    None => self.load(target, c),
                }
                target
            }
        };
        let source = self.source(b);
        self.instruction(opcode, target, first, source);
        self.release(&operands, k);
        target
    }

    /// Brings what is needed again into registers, where it stays as long as it can; constants are as cheap in memory.
    fn bring(&mut self, k: usize, operands: &[Operand]) {
        for &operand in operands {
            let is_constant = matches!(operand, Operand::Constant(_));
            if !is_constant && self.is_needed_after(operand, k) && self.register_of(operand).is_none() {
                let register = self.free_register(k, operands);
                self.load(register, operand);
                self.registers[usize::from(register)] = Some(operand);
            }
        }
    }

    fn next_use(&self, operand: Operand, from: usize) -> Option<usize> {
        let uses = self.uses.get(&operand)?;
        uses.get(uses.partition_point(|&k| k < from)).copied()
    }

    fn is_needed_after(&self, operand: Operand, k: usize) -> bool {
        self.next_use(operand, k + 1).is_some()
    }

    fn register_of(&self, operand: Operand) -> Option<u8> {
        self.registers.iter().position(|value| *value == Some(operand)).map(|register| register as u8)
    }

    /// Gives up the registers of operands that no step after k needs.
    fn release(&mut self, operands: &[Operand], k: usize) {
        for &operand in operands {
            if let (false, Some(register)) = (self.is_needed_after(operand, k), self.register_of(operand)) {
                self.registers[usize::from(register)] = None;
            }
        }
    }

    /// A register for a new value at step k; if none is free, one that holds none of the operands kept.
    fn free_register(&mut self, k: usize, kept: &[Operand]) -> u8 {
        if let Some(free) = self.registers.iter().position(Option::is_none) {
            return free as u8;
        }
        let held = |register: u8| self.registers[usize::from(register)];
        let candidates = (0..16).filter(|&r| held(r).is_some_and(|value| !kept.contains(&value)));
        let farthest = candidates.max_by_key(|&r| held(r).and_then(|value| self.next_use(value, k)));
        let register = farthest.expect("a step has two operands at most, and there are sixteen registers");
        if let Some(value @ Operand::Step(_)) = held(register)
            && !self.spilled.contains_key(&value)
        {
            let place = self.spilled.len();
            self.spilled.insert(value, place);
            self.instruction(STORE, register, UNUSED, Source::Memory(SCRATCH, VECTOR * place as i32));
        }
        self.registers[usize::from(register)] = None;
        register
    }

    fn load(&mut self, register: u8, operand: Operand) {
        let source = self.source(operand);
        self.instruction(LOAD, register, UNUSED, source);
    }

    fn store_output(&mut self, register: u8, output: usize) {
        let target = self.column(OUTPUTS, output);
        self.instruction(STORE, register, UNUSED, target);
    }

    /// Where a value is; that of an input only until the next column is set.
    fn source(&mut self, operand: Operand) -> Source {
        match (self.register_of(operand), operand) {
            (Some(register), _) => Source::Register(register),
            (None, Operand::Constant(c)) => Source::Memory(CONSTANTS, VECTOR * c as i32),
            (None, Operand::Input(i)) => self.column(INPUTS, i),
            (None, Operand::Step(_)) => Source::Memory(SCRATCH, VECTOR * self.spilled[&operand] as i32),
        }
    }

    /// An input or an output; if its address is not at hand, only until the next such one.
    fn column(&mut self, table: Base, column: usize) -> Source {
        if !self.vectors {
            return Source::Memory(table, 8 * column as i32);
        }
        let place = if table == INPUTS { column } else { self.program.inputs + column };
        Source::Column(COLUMNS.get(place).copied().unwrap_or_else(|| {
            self.load_address(COLUMN, table, column);
            COLUMN
        }))
    }

    /// mov base, [table + 8 column]
    fn load_address(&mut self, base: Base, table: Base, column: usize) {
        let prefix = 0x48 | (base.0 >> 3) << 2;
        self.bytes.extend([prefix, 0x8b, 0x80 | (base.0 & 7) << 3 | table.0]);
        self.bytes.extend((8 * column as i32).to_le_bytes());
    }

    /// An instruction on doubles with a three-byte VEX prefix: target, second register, source.
    fn instruction(&mut self, opcode: u16, target: u8, second: u8, source: Source) {
        let base = match source {
            Source::Register(register) => register,
            Source::Memory(base, _) => base.0,
            Source::Column(base) => base.0,
        };
        let fused = opcode >> 8 != 0;
        let (map, wide) = if fused { (2, 1) } else { (1, 0) }; // the opcodes behind 0f 38, or 0f
        let inverted = |high_bit: u8, shift: u8| (!high_bit & 1) << shift;
        self.bytes.extend([0xc4, inverted(target >> 3, 7) | 1 << 6 | inverted(base >> 3, 5) | map]);
        let length_and_kind = match (self.vectors, opcode) {
            (true, _) => 0b101,                            // 256 bits, packed doubles
            (false, XOR | MOVE | MULTIPLY_ADD..) => 0b001, // 128 bits, of which fused operations use the first double
            (false, _) => 0b011,                           // single doubles
        };
        // Fused operations on single doubles have the next opcode.
        let [_, opcode] = (opcode + u16::from(fused && !self.vectors)).to_be_bytes();
        self.bytes.extend([wide << 7 | (!second & 15) << 3 | length_and_kind, opcode]);
        let field = (target & 7) << 3;
        match source {
            Source::Register(register) => self.bytes.push(0xc0 | field | (register & 7)),
            Source::Memory(base, bytes) => {
                self.bytes.push(0x80 | field | (base.0 & 7));
                self.bytes.extend(bytes.to_le_bytes());
            }
            // [base + rax]
            Source::Column(base) => self.bytes.extend([field | 4, base.0 & 7]),
        }
    }
}
