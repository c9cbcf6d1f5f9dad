//! Which types are plain data, asked where a type has a name.

use super::KernelType;

/// Tells whether a type is a [`KernelType`], where its name is known: `PlainProbe::<T>::IS_PLAIN`.
#[doc(hidden)]
pub struct PlainProbe<T>(std::marker::PhantomData<T>);

impl<T: KernelType> PlainProbe<T> {
    /// It is.
    pub const IS_PLAIN: bool = true;
}

/// What [`PlainProbe`] falls back to.
#[doc(hidden)]
pub trait NotPlain {
    /// It is not.
    const IS_PLAIN: bool = false;
}
impl<T> NotPlain for PlainProbe<T> {}
