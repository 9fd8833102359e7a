//! Tests of the real program: started as a process, spoken to over sockets and the command line, killed
//! and asked again. What is inside a room is tested in that room; here only what a user could see counts.

mod house;
mod http;
mod street;

mod books;
mod corpus;
mod hostile;
mod kill;
mod mutants;
mod plaintext;
mod secrets;
mod walk;
