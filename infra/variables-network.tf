variable "domain" {
  description = "One host name for all functions, behind a load balancer. null: each function has its own URL, and there is no load balancer."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "domain must be a host name such as lit.example.com, without scheme, port or path."
  }
}

variable "egress" {
  description = "How the functions reach Redis: connector (a Serverless VPC Access connector) or direct (Direct VPC egress)."
  type        = string
  default     = "connector"

  validation {
    condition     = contains(["connector", "direct"], var.egress)
    error_message = "egress must be connector or direct."
  }
}

variable "network_range" {
  description = "The private addresses of the functions and of the endpoints of clusters and Valkey. Choose another range if the network of an external store already uses this one."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.network_range)) && try(tonumber(split("/", var.network_range)[1]) <= 20, false)
    error_message = "network_range must be an IPv4 range of /20 or larger, such as 10.20.0.0/16."
  }
}

variable "connector_machine_type" {
  description = "Machine type of the connector: f1-micro, e2-micro or e2-standard-4. null: e2-standard-4 in production, since small machines cannot handle many small requests, otherwise e2-micro."
  type        = string
  default     = null

  validation {
    condition     = var.connector_machine_type == null || contains(["f1-micro", "e2-micro", "e2-standard-4"], coalesce(var.connector_machine_type, "-"))
    error_message = "connector_machine_type must be f1-micro, e2-micro, e2-standard-4 or null."
  }
}

variable "connector_max_instances" {
  description = "The most machines that the connector may grow to, from 3 to 10. It starts with 2, and never shrinks."
  type        = number
  default     = 3

  validation {
    condition     = var.connector_max_instances >= 3 && var.connector_max_instances <= 10 && floor(var.connector_max_instances) == var.connector_max_instances
    error_message = "connector_max_instances must be a whole number from 3 to 10."
  }
}
