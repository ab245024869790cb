//! The development stack of docker-compose.yml, without containers.

mod files;
mod running;
