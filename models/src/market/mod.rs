//! Who trades electricity, and who watches that.

pub mod generation_company_agent;
pub mod justice_agent;
pub mod operator_market;
