mod failing;
mod racing;
