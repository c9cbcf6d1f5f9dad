//! `crate = path` that leads to links which are none of ours: a view with them is no view.

extern crate landbridge_core as landbridge;
use landbridge::*;

mod open {
    pub mod in_kernels {
        pub use landbridge::in_kernels::*;

        #[repr(transparent)]
        pub struct Opaque<'v, F>(pub F, std::marker::PhantomData<&'v ()>);
    }
}

mod unbranded {
    pub mod in_kernels {
        pub use landbridge::in_kernels::*;

        pub type Opaque<'v, F> = <F as ForEver<'v>>::Opaque;

        pub trait ForEver<'v> {
            type Opaque;
        }
        impl<F: 'static> ForEver<'_> for F {
            type Opaque = landbridge::in_kernels::Opaque<'static, F>;
        }
    }
}

#[derive(KernelType)]
#[kernel_type(crate = crate::open, view = OpenMut)]
struct Open {
    value: f32,
    next: Option<Box<Open>>,
}

#[derive(KernelType)]
#[kernel_type(view = ForEverMut, crate = crate::unbranded)]
struct ForEver {
    value: f32,
    next: Option<Box<ForEver>>,
}

fn main() {}
