//! Registers for the values of a listing, and loops around its instructions.
//!
//! Registers are given to values in the order of the listing, and where there are too few the value whose next use is farthest
//! goes to memory (Belady 1966).

use std::collections::HashMap;

use super::encoding::*;
use super::listing::{Listing, Operand, Operation};

/// A vector in memory, so placed that no line of a cache ends within it; shorter vectors are at its start.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Vector(pub(crate) [f64; 8]);

/// Bytes in a vector in memory.
const VECTOR: i32 = size_of::<Vector>() as i32;

/// Points in a block of those for which a map is repeated.
pub(crate) const BLOCK: usize = 128;

/// Bytes from one variable of a block to the next.
const STRIDE: i32 = 8 * BLOCK as i32;

/// Registers that constants of a repeated map may keep, of 16.
const KEPT: usize = 4;

/// Code, and what it wants to find in memory.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) bytes: Vec<u8>,
    /// Every constant in all lanes.
    pub(crate) constants: Vec<Vector>,
    /// How many vectors of scratch space it needs.
    pub(crate) scratch: usize,
}

/// Where the addresses of the first columns stay: r9, r11, rbx, r14, r15. The last three belong to the caller.
#[cfg(feature = "symbolica")]
const COLUMNS: [Base; 5] = [Base(9), Base(11), Base(3), Base(14), Base(15)];
#[cfg(feature = "symbolica")]
const SAVE: [u8; 5] = [0x53, 0x41, 0x56, 0x41, 0x57]; // push rbx; push r14; push r15
#[cfg(feature = "symbolica")]
const RESTORE: [u8; 5] = [0x41, 0x5f, 0x41, 0x5e, 0x5b]; // pop r15; pop r14; pop rbx

/// The input or output at hand, one of those beyond the first few.
#[cfg(feature = "symbolica")]
const COLUMN: Base = Base(10); // r10

/// The code of a listing for many points, in vectors of four: a function of the System V ABI of a table of the addresses of
/// the inputs, one of the outputs, the bytes of each of them (a multiple of 32, and not 0), the address of the constants, and that of
/// scratch space.
#[cfg(feature = "symbolica")]
pub(crate) fn loop_code(listing: &Listing) -> Code {
    let mut assembler = Assembler::new(listing, Layout::Columns, Width::Four);
    assembler.bytes.extend(SAVE);
    let inputs = (0..listing.inputs).map(|i| (INPUTS, i));
    let columns = inputs.chain((0..listing.outputs.len()).map(|o| (OUTPUTS, o)));
    for (base, (table, column)) in COLUMNS.into_iter().zip(columns) {
        assembler.load_address(base, table, column);
        assembler.columns.push(base);
    }
    assembler.bytes.extend([0x31, 0xc0]); // xor eax, eax
    let start = assembler.bytes.len();
    assembler.listing();
    assembler.next_vector();
    assembler.bytes.extend([0x48, 0x39, 0xd0]); // cmp rax, rdx
    assembler.jump_back(0x82, start); // jb start
    assembler.bytes.extend(FORGET_VECTORS);
    assembler.bytes.extend(RESTORE);
    assembler.finish()
}

/// The code of a listing for one point: a function of the System V ABI of the address of the inputs, that of the outputs,
/// anything, and the addresses of constants and of scratch space.
#[cfg(feature = "symbolica")]
pub(crate) fn point_code(listing: &Listing) -> Code {
    let mut assembler = Assembler::new(listing, Layout::Point, Width::One);
    assembler.listing();
    assembler.finish()
}

/// The code that repeats a map, whose outputs take the place of as many of its first inputs; the other inputs stay.
///
/// It is a function of the System V ABI of the addresses of two blocks of points, of the number of repetitions (not 0), of the
/// addresses of constants, scratch space and a block of the inputs that stay, and of the bytes of the points in use (a multiple of
/// those of a vector, and not 0). An odd number of repetitions leaves the result in the second block, an even one in the first.
pub(crate) fn repeat_code(listing: &Listing, width: Width) -> Code {
    let mut assembler = Assembler::new(listing, Layout::Block { state: listing.outputs.len() }, width);
    assembler.keep_constants(KEPT * width.registers() / 16);
    assembler.bytes.extend([0x4c, 0x8b, 0x54, 0x24, 0x08]); // mov r10, [rsp + 8]
    let step = assembler.bytes.len();
    assembler.bytes.extend([0x31, 0xc0]); // xor eax, eax
    let vector = assembler.bytes.len();
    assembler.listing();
    assembler.next_vector();
    assembler.bytes.extend([0x4c, 0x39, 0xd0]); // cmp rax, r10
    assembler.jump_back(0x82, vector); // jb vector
    assembler.bytes.extend([0x48, 0x87, 0xf7]); // xchg rdi, rsi
    assembler.bytes.extend([0x48, 0xff, 0xca]); // dec rdx
    assembler.jump_back(0x85, step); // jnz step
    assembler.bytes.extend(FORGET_VECTORS);
    assembler.finish()
}

const FORGET_VECTORS: [u8; 3] = [0xc5, 0xf8, 0x77]; // vzeroupper

/// Where inputs and outputs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// One after the other.
    #[cfg(feature = "symbolica")]
    Point,
    /// Each at an address of a table.
    #[cfg(feature = "symbolica")]
    Columns,
    /// At fixed distances; the inputs behind the state in a block of their own.
    Block { state: usize },
}

struct Assembler<'a> {
    listing: &'a Listing,
    layout: Layout,
    width: Width,
    /// Those of the listing, then -0.
    constants: Vec<f64>,
    /// The steps that use a value, in ascending order.
    uses: HashMap<Operand, Vec<usize>>,
    /// The outputs that a step is.
    outputs: Vec<Vec<usize>>,
    /// What they hold; those from `free` on are kept for constants.
    registers: Vec<Option<Operand>>,
    free: usize,
    /// The place in scratch space of each value that had to leave its register.
    spilled: HashMap<Operand, usize>,
    /// Registers with the addresses of the first columns.
    #[cfg(feature = "symbolica")]
    columns: Vec<Base>,
    bytes: Vec<u8>,
}

impl<'a> Assembler<'a> {
    fn new(listing: &'a Listing, layout: Layout, width: Width) -> Assembler<'a> {
        let mut uses: HashMap<Operand, Vec<usize>> = HashMap::new();
        for (k, operation) in listing.operations.iter().enumerate() {
            if let Some(operation) = operation {
                operation.visit(|operand| uses.entry(operand).or_default().push(k));
            }
        }
        let mut constants = listing.constants.clone();
        constants.push(-0.0);
        let mut outputs = vec![Vec::new(); listing.operations.len()];
        for (o, &output) in listing.outputs.iter().enumerate() {
            if let Operand::Step(k) = output {
                outputs[k].push(o);
            }
        }
        Assembler {
            listing,
            layout,
            width,
            constants,
            uses,
            outputs,
            registers: vec![None; width.registers()],
            free: width.registers(),
            spilled: HashMap::new(),
            #[cfg(feature = "symbolica")]
            columns: Vec::new(),
            bytes: Vec::new(),
        }
    }

    fn minus_zero(&self) -> Operand {
        Operand::Constant(self.listing.constants.len())
    }

    /// Gives constants registers for good, the most used ones first.
    fn keep_constants(&mut self, most: usize) {
        let mut used: Vec<(usize, usize)> = (0..self.listing.constants.len())
            .filter_map(|c| Some((self.uses.get(&Operand::Constant(c))?.len(), c)))
            .collect();
        used.sort_by_key(|&(uses, c)| (std::cmp::Reverse(uses), c));
        used.truncate(most);
        self.free -= used.len();
        for (k, (_, c)) in used.into_iter().enumerate() {
            let register = self.free + k;
            self.load(register as u8, Operand::Constant(c));
            self.registers[register] = Some(Operand::Constant(c));
        }
    }

    /// The code of all steps, and of outputs that are none.
    fn listing(&mut self) {
        let steps = self.listing.operations.len();
        for k in 0..steps {
            self.step(k);
        }
        for (o, &output) in self.listing.outputs.iter().enumerate() {
            if !matches!(output, Operand::Step(_)) {
                let register = self.free_register(steps, &[]);
                self.load(register, output);
                self.store_output(register, o);
            }
        }
    }

    /// add rax, the bytes of a vector
    fn next_vector(&mut self) {
        self.bytes.extend([0x48, 0x83, 0xc0, 8 * self.width.lanes() as u8]);
    }

    /// A conditional jump to a place before.
    fn jump_back(&mut self, condition: u8, to: usize) {
        self.bytes.extend([0x0f, condition]);
        let back = to as i32 - (self.bytes.len() as i32 + 4);
        self.bytes.extend(back.to_le_bytes());
    }

    fn finish(mut self) -> Code {
        self.bytes.push(0xc3); // ret
        let constants = self.constants.iter().map(|&c| Vector([c; 8])).collect();
        Code { bytes: self.bytes, constants, scratch: self.spilled.len() }
    }

    /// The code in place of step k.
    fn step(&mut self, k: usize) {
        let Some(operation) = self.listing.operations[k] else { return };
        let target = match operation {
            // Not the other way round: this instruction reads a whole vector, even for a single double.
            Operation::Negative(a) => self.plain(k, XOR, Some(a), self.minus_zero(), false),
            Operation::Sum(a, b) => self.plain(k, ADD, Some(a), b, true),
            Operation::Difference(a, b) => self.plain(k, SUBTRACT, Some(a), b, false),
            Operation::Product(a, b) => self.plain(k, MULTIPLY, Some(a), b, true),
            Operation::Quotient(a, b) => self.plain(k, DIVIDE, Some(a), b, false),
            Operation::Root(a) => self.plain(k, ROOT, None, a, false),
            Operation::ProductPlus(operands) => self.fused(k, MULTIPLY_ADD, operands),
            Operation::ProductMinus(operands) => self.fused(k, MULTIPLY_SUBTRACT, operands),
            Operation::MinusProduct(operands) => self.fused(k, SUBTRACT_PRODUCT, operands),
        };
        self.registers[usize::from(target)] = Some(Operand::Step(k));
        for o in self.outputs[k].clone() {
            self.store_output(target, o);
        }
        self.release(&[Operand::Step(k)], k);
    }

    /// The code of an operation of one or two operands, and the register of its value.
    fn plain(
        &mut self,
        k: usize,
        opcode: u16,
        first: Option<Operand>,
        second: Operand,
        commutes: bool,
    ) -> u8 {
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
                self.emit(opcode, target, register, source);
                target
            }
            (first, None) => {
                let target = self.free_register(k, &operands);
                if let Some(first) = first {
                    self.load(target, first);
                }
                let source = self.source(second);
                self.emit(opcode, target, if first.is_some() { target } else { UNUSED }, source);
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
            Some(register) if !self.is_needed_after(c, k) && !self.is_kept(c) && c != a && c != b => register,
            held => {
                let target = self.free_register(k, &operands);
                match held {
                    Some(register) => self.emit(MOVE, target, UNUSED, Source::Register(register)),
                    None => self.load(target, c),
                }
                target
            }
        };
        let source = self.source(b);
        self.emit(opcode, target, first, source);
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
            let needed = self.is_kept(operand) || self.is_needed_after(operand, k);
            if let (false, Some(register)) = (needed, self.register_of(operand)) {
                self.registers[usize::from(register)] = None;
            }
        }
    }

    /// A register for a new value at step k; if none is free, one that holds none of the operands kept.
    fn free_register(&mut self, k: usize, kept: &[Operand]) -> u8 {
        if let Some(free) = self.registers[..self.free].iter().position(Option::is_none) {
            return free as u8;
        }
        let held = |register: u8| self.registers[usize::from(register)];
        let candidates =
            (0..self.free as u8).filter(|&r| held(r).is_some_and(|value| !kept.contains(&value)));
        let farthest = candidates.max_by_key(|&r| held(r).and_then(|value| self.next_use(value, k)));
        let register = farthest.expect("a step has three operands at most, and there are a dozen registers");
        if let Some(value @ Operand::Step(_)) = held(register)
            && !self.spilled.contains_key(&value)
        {
            let place = self.spilled.len();
            self.spilled.insert(value, place);
            self.emit(STORE, register, UNUSED, Source::Memory(SCRATCH, VECTOR * place as i32));
        }
        self.registers[usize::from(register)] = None;
        register
    }

    fn load(&mut self, register: u8, operand: Operand) {
        let source = self.source(operand);
        self.emit(LOAD, register, UNUSED, source);
    }

    fn store_output(&mut self, register: u8, output: usize) {
        let target = self.output(output);
        self.emit(STORE, register, UNUSED, target);
    }

    /// Whether a constant has a register for good.
    fn is_kept(&self, operand: Operand) -> bool {
        self.registers[self.free..].contains(&Some(operand))
    }

    /// Where a value is; that of an input only until the next column is set.
    fn source(&mut self, operand: Operand) -> Source {
        match (self.register_of(operand), operand) {
            (Some(register), _) => Source::Register(register),
            (None, Operand::Constant(c)) => Source::Memory(CONSTANTS, VECTOR * c as i32),
            (None, Operand::Input(i)) => self.input(i),
            (None, Operand::Step(_)) => Source::Memory(SCRATCH, VECTOR * self.spilled[&operand] as i32),
        }
    }

    fn input(&mut self, i: usize) -> Source {
        match self.layout {
            #[cfg(feature = "symbolica")]
            Layout::Point => Source::Memory(INPUTS, 8 * i as i32),
            #[cfg(feature = "symbolica")]
            Layout::Columns => self.column(i, INPUTS, i),
            Layout::Block { state } if i < state => Source::Moving(INPUTS, STRIDE * i as i32),
            Layout::Block { state } => Source::Moving(PARAMETERS, STRIDE * (i - state) as i32),
        }
    }

    fn output(&mut self, o: usize) -> Source {
        match self.layout {
            #[cfg(feature = "symbolica")]
            Layout::Point => Source::Memory(OUTPUTS, 8 * o as i32),
            #[cfg(feature = "symbolica")]
            Layout::Columns => self.column(self.listing.inputs + o, OUTPUTS, o),
            Layout::Block { .. } => Source::Moving(OUTPUTS, STRIDE * o as i32),
        }
    }

    /// A column; if its address is not at hand, only until the next such one.
    #[cfg(feature = "symbolica")]
    fn column(&mut self, place: usize, table: Base, column: usize) -> Source {
        let base = self.columns.get(place).copied().unwrap_or_else(|| {
            self.load_address(COLUMN, table, column);
            COLUMN
        });
        Source::Moving(base, 0)
    }

    /// mov base, [table + 8 column]
    #[cfg(feature = "symbolica")]
    fn load_address(&mut self, base: Base, table: Base, column: usize) {
        let prefix = 0x48 | (base.0 >> 3) << 2;
        self.bytes.extend([prefix, 0x8b, 0x80 | (base.0 & 7) << 3 | table.0]);
        self.bytes.extend((8 * column as i32).to_le_bytes());
    }

    fn emit(&mut self, opcode: u16, target: u8, second: u8, source: Source) {
        instruction(&mut self.bytes, self.width, opcode, target, second, source);
    }
}
