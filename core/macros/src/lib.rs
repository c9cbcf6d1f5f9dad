//! landbridge
