variable "redis_kind" {
  description = "The store that the functions use. instance: Memorystore for Redis, one primary. cluster: Memorystore for Redis Cluster. valkey: Memorystore for Valkey, one primary. valkey-cluster: Memorystore for Valkey, sharded. external: a store that Terraform does not manage, see redis_external."
  type        = string
  default     = "instance"

  validation {
    condition     = contains(["instance", "cluster", "valkey", "valkey-cluster", "external"], var.redis_kind)
    error_message = "redis_kind must be instance, cluster, valkey, valkey-cluster or external."
  }
}

variable "redis_stores" {
  description = "The stores that exist. Removing one destroys it with its data. null: the store that this installation was created with, and the one in use."
  type        = set(string)
  default     = null

  validation {
    condition     = alltrue([for kind in coalesce(var.redis_stores, []) : contains(["instance", "cluster", "valkey", "valkey-cluster"], kind)])
    error_message = "Each store must be instance, cluster, valkey or valkey-cluster. An external store is not listed, since Terraform does not manage it."
  }

  validation {
    condition     = var.redis_stores == null || var.redis_kind == "external" || contains(coalesce(var.redis_stores, []), var.redis_kind)
    error_message = "redis_stores must contain the store in use, redis_kind."
  }
}

variable "redis_external" {
  description = "An external store. password_secret and ca_secret name existing secrets, projects/P/secrets/N. network names an existing VPC network of this project from which the store is reachable; null: the network that Terraform creates. iam: the functions log in with an access token of their account, as with Memorystore's IAM authentication."
  type = object({
    host            = string
    port            = optional(number, 6379)
    tls             = optional(bool, true)
    cluster         = optional(bool, false)
    iam             = optional(bool, false)
    password_secret = optional(string)
    ca_secret       = optional(string)
    network         = optional(string)
  })
  default = null

  validation {
    condition     = var.redis_kind != "external" || var.redis_external != null
    error_message = "redis_kind = \"external\" needs redis_external with at least a host: { host = \"…\" }."
  }

  validation {
    condition     = var.redis_external == null || can(regex("^[A-Za-z0-9.:-]+$", var.redis_external.host))
    error_message = "host must be a host name or an IP address, without scheme or port."
  }

  validation {
    condition     = var.redis_external == null || try(var.redis_external.port >= 1 && var.redis_external.port <= 65535 && floor(var.redis_external.port) == var.redis_external.port, false)
    error_message = "port must be a whole number from 1 to 65535."
  }

  validation {
    condition     = alltrue([for secret in try(compact([var.redis_external.password_secret, var.redis_external.ca_secret]), []) : can(regex("^projects/[^/]+/secrets/[^/]+$", secret))])
    error_message = "password_secret and ca_secret must look like projects/P/secrets/N, without a version: the functions read the latest one."
  }

  validation {
    condition     = try(!(var.redis_external.iam && var.redis_external.password_secret != null), true)
    error_message = "Set either iam or password_secret, not both: with iam the password is an access token."
  }

  validation {
    condition     = try(var.redis_external.network, null) == null || can(regex("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.redis_external.network))
    error_message = "network must be the name of a VPC network in this project, without a path."
  }
}

variable "redis_memory_gb" {
  description = "Memory of an instance in GiB, from 1 to 300."
  type        = number
  default     = 1

  validation {
    condition     = var.redis_memory_gb >= 1 && var.redis_memory_gb <= 300 && floor(var.redis_memory_gb) == var.redis_memory_gb
    error_message = "redis_memory_gb must be a whole number from 1 to 300."
  }
}

variable "redis_shards" {
  description = "Number of shards of a cluster, from 1 to 250."
  type        = number
  default     = 3

  validation {
    condition     = var.redis_shards >= 1 && var.redis_shards <= 250 && floor(var.redis_shards) == var.redis_shards
    error_message = "redis_shards must be a whole number from 1 to 250."
  }
}

variable "redis_eviction" {
  description = "Which keys a full Redis evicts. volatile-ttl: those that expire soonest, and never users, items or counters."
  type        = string
  default     = "volatile-ttl"

  validation {
    # allkeys-* would evict users, items and counters, which have no expiry and exist nowhere else.
    condition     = contains(["volatile-ttl", "volatile-lru", "volatile-lfu", "volatile-random", "noeviction"], var.redis_eviction)
    error_message = "redis_eviction must be volatile-ttl, volatile-lru, volatile-lfu, volatile-random or noeviction."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to destroy the store in use. null: yes in production, no in development."
  type        = bool
  default     = null
}
