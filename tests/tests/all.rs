//! Everything from outside: real processes, real browsers, and the rules of the house. One binary.

mod accounts;
mod attachments;
mod attacks;
mod authority;
mod browser;
mod community;
mod crash;
mod floors;
mod guest;
mod import;
mod membership;
mod mutations;
mod refusals;
mod restored;
mod serving;
mod telegram;
mod up;
