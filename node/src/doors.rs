// placeholder
pub mod web; pub mod api; pub mod portal;
