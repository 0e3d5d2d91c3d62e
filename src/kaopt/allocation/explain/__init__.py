"""Why a plan is as it is: what each limit costs, why an offer was taken or left, and what the next money would buy."""
