//! Who trades electricity, who watches that, and what it costs those who use it.

pub mod energy_account;
pub mod generation_company_agent;
pub mod justice_agent;
pub mod operator_market;
pub mod tariff;
