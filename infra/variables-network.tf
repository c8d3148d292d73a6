variable "domain" {
  description = "The one host of all functions, behind a load balancer. null: each function is a host of its own."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "A name such as lit.example.com, without a scheme, a port or a path."
  }
}

variable "egress" {
  description = "How the functions reach Redis: connector (a Serverless VPC Access connector) or direct (Direct VPC egress)."
  type        = string
  default     = "connector"

  validation {
    condition     = contains(["connector", "direct"], var.egress)
    error_message = "connector or direct."
  }
}

variable "network_range" {
  description = "The private addresses of the functions and of clusters' endpoints; another one where an external network uses these."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.network_range)) && try(tonumber(split("/", var.network_range)[1]) <= 20, false)
    error_message = "An IPv4 range of at least a /20, such as 10.20.0.0/16."
  }
}

variable "connector_machine_type" {
  description = "Machines of the connector: f1-micro, e2-micro or e2-standard-4. null: e2-standard-4 in production, since small machines run out under many small requests, else e2-micro."
  type        = string
  default     = null

  validation {
    condition     = var.connector_machine_type == null || contains(["f1-micro", "e2-micro", "e2-standard-4"], coalesce(var.connector_machine_type, "-"))
    error_message = "f1-micro, e2-micro, e2-standard-4 or null."
  }
}

variable "connector_max_instances" {
  description = "Up to how many machines the connector grows, 3 to 10. It begins with 2, and never shrinks."
  type        = number
  default     = 3

  validation {
    condition     = var.connector_max_instances >= 3 && var.connector_max_instances <= 10 && floor(var.connector_max_instances) == var.connector_max_instances
    error_message = "A whole number from 3 to 10."
  }
}
