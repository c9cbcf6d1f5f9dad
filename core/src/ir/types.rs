//! Types of the IR, interned in a table.

use std::collections::HashMap;
use std::fmt;

/// Index of a type in its [`TypeTable`]; equal ids of one table mean equal types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// Numbers and `bool`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[rustfmt::skip]
#[allow(missing_docs, reason = "each is the Rust type of the same name")]
pub enum Scalar { Bool, I8, I16, I32, I64, U8, U16, U32, U64, Usize, Isize, F32, F64 }

impl Scalar {
    /// All of them.
    #[rustfmt::skip]
    pub const ALL: [Scalar; 13] = {
        use Scalar::*;
        [Bool, I8, I16, I32, I64, U8, U16, U32, U64, Usize, Isize, F32, F64]
    };

    /// In bytes, as on the host; `Usize` and `Isize` have 8.
    pub fn size(self) -> u64 {
        use Scalar::*;
        match self {
            Bool | I8 | U8 => 1,
            I16 | U16 => 2,
            I32 | U32 | F32 => 4,
            I64 | U64 | Usize | Isize | F64 => 8,
        }
    }

    /// In bits, of integers and floats.
    pub fn bits(self) -> u32 {
        self.size() as u32 * 8
    }

    /// `f32` or `f64`.
    pub fn is_float(self) -> bool {
        matches!(self, Scalar::F32 | Scalar::F64)
    }

    /// Neither `bool` nor a float.
    pub fn is_integer(self) -> bool {
        !self.is_float() && self != Scalar::Bool
    }

    /// A signed integer.
    pub fn is_signed(self) -> bool {
        use Scalar::*;
        matches!(self, I8 | I16 | I32 | I64 | Isize)
    }

    /// Smallest and largest value of an integer type.
    pub fn range(self) -> (i128, i128) {
        let bits = self.bits();
        if self.is_signed() { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) }
    }

    /// The integer that the first bytes hold, as on the host.
    ///
    /// # Panics
    /// If there are too few bytes.
    pub fn decode(self, bytes: &[u8]) -> i128 {
        let size = self.size() as usize;
        let mut all = [0; 8];
        all[..size].copy_from_slice(&bytes[..size]);
        let bits = u64::from_ne_bytes(all);
        let unused = 64 - self.bits();
        match self.is_signed() {
            true => i128::from((bits << unused) as i64 >> unused),
            false => i128::from(bits),
        }
    }

    /// As in Rust.
    pub fn name(self) -> &'static str {
        use Scalar::*;
        match self {
            Bool => "bool",
            I8 => "i8",
            I16 => "i16",
            I32 => "i32",
            I64 => "i64",
            U8 => "u8",
            U16 => "u16",
            U32 => "u32",
            U64 => "u64",
            Usize => "usize",
            Isize => "isize",
            F32 => "f32",
            F64 => "f64",
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A type of the IR.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `()`: no bytes.
    Unit,
    /// A number or `bool`.
    Scalar(Scalar),
    /// `AtomicU32`, `AtomicI32`, ..: only in memory, never a value.
    Atomic(Scalar),
    /// `&T`, `&mut T` or `Box<T>`: 8 bytes on the host. `Arc<T>` is a pointer to a struct that has the value as its field.
    Pointer(TypeId),
    /// `Option` of what is a pointer: null, or a pointer to a `T`; 8 bytes on the host.
    Nullable(TypeId),
    /// `&[T]` or `&mut [T]`: a pointer and a number of elements, 16 bytes on the host.
    Slice(TypeId),
    /// `[T; length]`.
    Array {
        /// Type of an element.
        element: TypeId,
        /// Number of elements.
        length: u64,
    },
    /// A struct or tuple.
    Struct(StructType),
}

/// A struct, or a tuple (whose name is empty and whose fields are named "0", "1", ..).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StructType {
    /// As in Rust, without path; empty for tuples.
    pub name: String,
    /// In the order of the declaration; offsets may be in any order.
    pub fields: Vec<Field>,
    /// In bytes.
    pub size: u64,
    /// In bytes.
    pub align: u64,
    /// Of an enum: the tag's value for each variant; else empty. Field 0 is then the tag, an integer, and field `k + 1`,
    /// at offset 0 and as large as the whole, is a struct of the fields of variant `k`. Those overlap: which one holds
    /// something, the tag tells. If there is one field more, that is the variant of all other tags, and lies over the tag, too:
    /// an `Option<bool>` is `None` where its byte is 2.
    pub variants: Vec<i128>,
}

impl StructType {
    /// Whether this is an enum.
    pub fn is_enum(&self) -> bool {
        !self.variants.is_empty()
    }

    /// The field that holds the variant of this tag, if there is one.
    pub fn variant_of(&self, tag: i128) -> Option<u32> {
        let found = self.variants.iter().position(|&value| value == tag);
        found.or(self.has_rest().then_some(self.variants.len())).map(|k| k as u32 + 1)
    }

    /// Whether the last variant is that of all tags that no other variant has.
    pub fn has_rest(&self) -> bool {
        self.is_enum() && self.fields.len() == self.variants.len() + 2
    }
}

/// A field of a struct or tuple.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// As in Rust.
    pub name: String,
    /// In bytes from the start of the struct.
    pub offset: u64,
    /// Type of the field.
    pub ty: TypeId,
}

/// All types of a module, each once. Inner types come before the types that name them, but for structs that reach
/// themselves through pointers: those come before what leads back to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeTable {
    types: Vec<Type>,
    ids: HashMap<Type, TypeId>,
}

impl TypeTable {
    /// The id of a type, which is added if it is new.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&id) = self.ids.get(&ty) {
            return id;
        }
        let id = TypeId(self.types.len() as u32);
        self.types.push(ty.clone());
        self.ids.insert(ty, id);
        id
    }

    /// An id for a struct that [`Self::define`] will define: its fields may name types that point to it. Until then it has
    /// its name, size and alignment, but no fields.
    pub fn declare(&mut self, name: &str, size: u64, align: u64) -> TypeId {
        let id = TypeId(self.types.len() as u32);
        self.types.push(Type::Struct(StructType { name: name.into(), fields: vec![], size, align, variants: vec![] }));
        id
    }

    /// Gives a declared struct its fields.
    ///
    /// # Panics
    /// If the id is not of this table.
    pub fn define(&mut self, id: TypeId, structure: StructType) {
        let ty = Type::Struct(structure);
        self.ids.insert(ty.clone(), id);
        self.types[id.0 as usize] = ty;
    }

    /// The id of `()`.
    pub fn unit(&mut self) -> TypeId {
        self.intern(Type::Unit)
    }

    /// The id of a scalar type.
    pub fn scalar(&mut self, scalar: Scalar) -> TypeId {
        self.intern(Type::Scalar(scalar))
    }

    /// The id of `&T`.
    pub fn pointer(&mut self, to: TypeId) -> TypeId {
        self.intern(Type::Pointer(to))
    }

    /// The id of `Option<&T>`.
    pub fn nullable(&mut self, to: TypeId) -> TypeId {
        self.intern(Type::Nullable(to))
    }

    /// The id of `&[T]`.
    pub fn slice(&mut self, of: TypeId) -> TypeId {
        self.intern(Type::Slice(of))
    }

    /// The id of `[T; length]`.
    pub fn array(&mut self, element: TypeId, length: u64) -> TypeId {
        self.intern(Type::Array { element, length })
    }

    /// The id of a type that is there already.
    pub fn find(&self, ty: &Type) -> Option<TypeId> {
        self.ids.get(ty).copied()
    }

    /// All types with their ids, inner types first.
    pub fn iter(&self) -> impl Iterator<Item = (TypeId, &Type)> {
        self.types.iter().enumerate().map(|(k, t)| (TypeId(k as u32), t))
    }

    /// Number of types.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there is no type.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// The type, if the id belongs to this table.
    pub fn get(&self, id: TypeId) -> Option<&Type> {
        self.types.get(id.0 as usize)
    }

    /// The scalar type behind an id, if it is one.
    pub fn as_scalar(&self, id: TypeId) -> Option<Scalar> {
        match self.get(id)? {
            Type::Scalar(scalar) => Some(*scalar),
            _ => None,
        }
    }

    /// In bytes, with the host's layout.
    ///
    /// # Panics
    /// If the id is not of this table.
    pub fn size(&self, id: TypeId) -> u64 {
        match &self[id] {
            Type::Unit => 0,
            Type::Scalar(s) | Type::Atomic(s) => s.size(),
            Type::Pointer(_) | Type::Nullable(_) => 8,
            Type::Slice(_) => 16,
            Type::Array { element, length } => self.size(*element) * length,
            Type::Struct(s) => s.size,
        }
    }

    /// In bytes, with the host's layout.
    ///
    /// # Panics
    /// If the id is not of this table.
    pub fn align(&self, id: TypeId) -> u64 {
        match &self[id] {
            Type::Unit => 1,
            Type::Scalar(s) | Type::Atomic(s) => s.size(),
            Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => 8,
            Type::Array { element, .. } => self.align(*element),
            Type::Struct(s) => s.align,
        }
    }

    /// Whether the type is, or contains, one for which `test` holds (pointers are not followed).
    pub fn contains(&self, id: TypeId, test: &dyn Fn(&Type) -> bool) -> bool {
        let ty = &self[id];
        test(ty)
            || match ty {
                Type::Array { element, .. } => self.contains(*element, test),
                Type::Struct(s) => s.fields.iter().any(|f| self.contains(f.ty, test)),
                Type::Unit
                | Type::Scalar(_)
                | Type::Atomic(_)
                | Type::Pointer(_)
                | Type::Nullable(_)
                | Type::Slice(_) => false,
            }
    }

    /// Whether the type is a slice of words, as regions are: of structs of one `u32`.
    pub fn is_region(&self, id: TypeId) -> bool {
        let Type::Slice(word) = self[id] else { return false };
        match &self[word] {
            Type::Struct(s) => {
                let number = matches!(&s.fields[..], [f] if f.offset == 0 && self.as_scalar(f.ty) == Some(Scalar::U32));
                number && s.size == 4 && s.align == 4
            }
            _ => false,
        }
    }

    /// Whether the type is, or contains, an enum whose variants hold pointers: it is never loaded as a whole.
    pub fn has_linked_variants(&self, id: TypeId) -> bool {
        self.contains(
            id,
            &|ty| matches!(ty, Type::Struct(s) if s.is_enum() && s.fields.iter().any(|f| self.has_pointers(f.ty))),
        )
    }

    /// Whether the type is, or contains, a pointer of any kind.
    pub fn has_pointers(&self, id: TypeId) -> bool {
        self.contains(id, &|ty| matches!(ty, Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_)))
    }

    /// Whether the type is, contains or leads to one for which `test` holds (pointers are followed).
    pub fn reaches(&self, id: TypeId, test: &dyn Fn(&Type) -> bool) -> bool {
        let (mut seen, mut open) = (vec![false; self.types.len()], vec![id]);
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut seen[id.0 as usize], true) {
                continue;
            }
            let ty = &self[id];
            if test(ty) {
                return true;
            }
            match ty {
                Type::Unit | Type::Scalar(_) | Type::Atomic(_) => {}
                Type::Pointer(to) | Type::Nullable(to) | Type::Slice(to) => open.push(*to),
                Type::Array { element, length: _ } => open.push(*element),
                Type::Struct(s) => open.extend(s.fields.iter().map(|f| f.ty)),
            }
        }
        false
    }

    /// As Rust writes it.
    pub fn name(&self, id: TypeId) -> String {
        match &self[id] {
            Type::Unit => "()".into(),
            Type::Scalar(s) => s.name().into(),
            Type::Atomic(s) => {
                let name = s.name();
                format!("Atomic{}{}", name[..1].to_uppercase(), &name[1..])
            }
            Type::Pointer(to) => format!("&{}", self.name(*to)),
            Type::Nullable(to) => format!("Option<&{}>", self.name(*to)),
            Type::Slice(of) => format!("&[{}]", self.name(*of)),
            Type::Array { element, length } => format!("[{}; {length}]", self.name(*element)),
            Type::Struct(s) if s.name.is_empty() => {
                let fields: Vec<_> = s.fields.iter().map(|f| self.name(f.ty)).collect();
                format!("({})", fields.join(", "))
            }
            Type::Struct(s) => s.name.clone(),
        }
    }
}

impl std::ops::Index<TypeId> for TypeTable {
    type Output = Type;
    fn index(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }
}
