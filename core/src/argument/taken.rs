//! Arguments on their way into a call.
//!
//! A role such as [`Item`] names no scope and does not hold the short borrow of a handle that it was taken from, so of a
//! handle it may be made only inside of [`Call::new`](crate::Call::new), which sees all arguments at once. Until then it is
//! wrapped, with the scope and with what it was taken from. Nothing of this is unsafe, so the macros need not be trusted,
//! nor what users say that our names are (`crate = path`).

use std::marker::PhantomData;

use super::{
    Atomics, Elements, ElementsMut, Index2Arg, Index3Arg, IndexArg, Item, ItemMut, NodeItem, NodeItemMut, NullableRoot,
    Root, Rows, RowsMut, Uniform, Whole,
};
use crate::launch::{Call, Definition};

/// An `X` that was taken from a `D`, for a call of scope `'s`.
pub struct Taken<'s, D, X> {
    value: X,
    /// Holds the borrow, so that an exclusive handle is in one argument only.
    from: PhantomData<D>,
    /// Neither a longer nor a shorter scope will do.
    scope: PhantomData<fn(&'s ()) -> &'s ()>,
}

impl<'s, D, X> Taken<'s, D, X> {
    #[inline(always)]
    pub(crate) fn new(value: X) -> Self {
        Taken { value, from: PhantomData, scope: PhantomData }
    }

    /// The same as something else, taken from what the first was taken from, or from more.
    #[inline(always)]
    pub(crate) fn map<E, Y>(self, f: impl FnOnce(X) -> Y) -> Taken<'s, E, Y> {
        Taken::new(f(self.value))
    }
}

impl<'s, 'k, D, T> Taken<'s, D, Elements<'k, T>> {
    /// One element an item.
    #[inline(always)]
    pub fn item(self) -> Taken<'s, D, Item<'k, T>> {
        self.map(Item::over)
    }

    /// `N` elements an item.
    #[inline(always)]
    pub fn chunks<const N: usize>(self) -> Taken<'s, D, Item<'k, [T; N]>> {
        self.map(Item::chunks_over)
    }

    /// All of it for each item.
    #[inline(always)]
    pub fn whole(self) -> Taken<'s, D, Whole<'k, T>> {
        self.map(Whole::over)
    }
}

impl<'s, 'k, D, T> Taken<'s, D, ElementsMut<'k, T>> {
    /// One element an item.
    #[inline(always)]
    pub fn item(self) -> Taken<'s, D, ItemMut<'k, T>> {
        self.map(ItemMut::over)
    }

    /// `N` elements an item.
    #[inline(always)]
    pub fn chunks<const N: usize>(self) -> Taken<'s, D, ItemMut<'k, [T; N]>> {
        self.map(ItemMut::chunks_over)
    }
}

/// What a call of scope `'s` takes as one argument.
pub trait Given<'s>: private::Sealed {
    /// Its role.
    type Argument;
    /// The argument, for calls alone.
    #[doc(hidden)]
    fn take(self, token: private::Token) -> Self::Argument;
}

impl<'s, D, A> Given<'s> for Taken<'s, D, A> {
    type Argument = A;
    #[inline(always)]
    fn take(self, _: private::Token) -> A {
        self.value
    }
}

macro_rules! roles {
    ($([$($generics:tt)*] $role:ty;)*) => {$(
        impl<$($generics)*> private::Sealed for $role {}
        /// A role that was not made of a handle fits all scopes.
        impl<$($generics)*> Given<'_> for $role {
            type Argument = $role;
            #[inline(always)]
            fn take(self, _: private::Token) -> $role {
                self
            }
        }
    )*};
}
roles! {
    [T] Uniform<T>;
    ['k, T] Item<'k, T>;
    ['k, T] ItemMut<'k, T>;
    ['k, T] NodeItem<'k, T>;
    ['k, V] NodeItemMut<'k, V>;
    ['k, T] Whole<'k, T>;
    ['k, T] Root<'k, T>;
    ['k, T] NullableRoot<'k, T>;
    ['k, T] Atomics<'k, T>;
    ['k, T] Rows<'k, T>;
    ['k, T] RowsMut<'k, T>;
    [] IndexArg;
    [] Index2Arg;
    [] Index3Arg;
}

/// All arguments of a call.
pub trait GivenAll<'s>: private::Sealed {
    /// In their roles.
    type Arguments;
    /// The arguments, for calls alone.
    #[doc(hidden)]
    fn take(self, token: private::Token) -> Self::Arguments;
}

macro_rules! lists {
    () => {};
    ($first:ident $($rest:ident)*) => {
        lists!($($rest)*);
        impl<$first, $($rest),*> private::Sealed for ($first, $($rest,)*) {}
        impl<'s, $first: Given<'s>, $($rest: Given<'s>),*> GivenAll<'s> for ($first, $($rest,)*) {
            type Arguments = ($first::Argument, $($rest::Argument,)*);
            #[inline(always)]
            #[allow(non_snake_case, reason = "the names are those of the types")]
            fn take(self, token: private::Token) -> Self::Arguments {
                let ($first, $($rest,)*) = self;
                ($first.take(token), $($rest.take(token),)*)
            }
        }
    };
}
lists!(A B C D E F G H I J K L M N O P);

/// A uniform on its way.
#[inline(always)]
pub fn uniform<'s, T>(value: T) -> Taken<'s, (), Uniform<T>> {
    Taken::new(Uniform(value))
}

/// A role that was not made of a handle fits all scopes. (What is no role is no argument of a launch either.)
#[inline(always)]
pub fn alone<'s, A>(role: A) -> Taken<'s, (), A> {
    Taken::new(role)
}

/// [`Call::new`] for so many arguments, all of them wrapped: types that rustc need not look for traits of.
macro_rules! calls {
    ($($name:ident ($($from:ident $role:ident $n:tt),*);)*) => {$(
        /// The call of a kernel with so many arguments.
        #[allow(clippy::type_complexity, reason = "a tuple of arguments")]
        #[inline(always)]
        pub fn $name<'s, $($from, $role,)* Function>(
            definition: &'static Definition,
            arguments: ($(Taken<'s, $from, $role>,)*),
            body: Function,
        ) -> Call<'s, ($($role,)*), Function> {
            Call::of(definition, ($(arguments.$n.value,)*), body)
        }
    )*};
}
calls! {
    call1 (A AX 0);
    call2 (A AX 0, B BX 1);
    call3 (A AX 0, B BX 1, C CX 2);
    call4 (A AX 0, B BX 1, C CX 2, D DX 3);
    call5 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4);
    call6 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5);
    call7 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6);
    call8 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7);
    call9 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7, I IX 8);
    call10 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7, I IX 8, J JX 9);
    call11 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7, I IX 8, J JX 9, K KX 10);
    call12 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7, I IX 8, J JX 9, K KX 10, L LX 11);
    call13 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7, I IX 8, J JX 9, K KX 10, L LX 11, M MX 12);
    call14 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7, I IX 8, J JX 9, K KX 10, L LX 11, M MX 12, N NX 13);
    call15 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7, I IX 8, J JX 9, K KX 10, L LX 11, M MX 12, N NX 13, O OX 14);
    call16 (A AX 0, B BX 1, C CX 2, D DX 3, E EX 4, F FX 5, G GX 6, H HX 7, I IX 8, J JX 9, K KX 10, L LX 11, M MX 12, N NX 13, O OX 14, P PX 15);
}

pub(crate) mod private {
    /// Known to this crate only: without one an argument stays wrapped.
    #[derive(Clone, Copy)]
    pub struct Token(pub(crate) ());

    pub trait Sealed {}
    impl<D, X> Sealed for super::Taken<'_, D, X> {}
}
