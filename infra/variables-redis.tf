variable "redis_kind" {
  description = "The store that the functions use. instance: Memorystore for Redis, one primary. cluster: Memorystore for Redis Cluster. valkey: Memorystore for Valkey, one primary. valkey-cluster: the same, sharded. external: one that is run elsewhere, see redis_external."
  type        = string
  default     = "instance"

  validation {
    condition     = contains(["instance", "cluster", "valkey", "valkey-cluster", "external"], var.redis_kind)
    error_message = "instance, cluster, valkey, valkey-cluster or external."
  }
}

variable "redis_stores" {
  description = "The stores that exist; one that is taken out is destroyed with its data. null: the one that this installation began with, and the one in use."
  type        = set(string)
  default     = null

  validation {
    condition     = alltrue([for kind in coalesce(var.redis_stores, []) : contains(["instance", "cluster", "valkey", "valkey-cluster"], kind)])
    error_message = "Each is instance, cluster, valkey or valkey-cluster. Terraform does not make an external store."
  }

  validation {
    condition     = var.redis_stores == null || var.redis_kind == "external" || contains(coalesce(var.redis_stores, []), var.redis_kind)
    error_message = "The store in use, redis_kind, must be one of redis_stores."
  }
}

variable "redis_external" {
  description = "Where an external store is. The secrets are names of existing ones, projects/P/secrets/N; network is the name of an existing VPC network of this project that leads there, null for the one made here. iam: the password is an access token of the function's account, as Memorystore's IAM authentication takes it."
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
    error_message = "redis_kind = \"external\" needs redis_external, at least { host = \"…\" }."
  }

  validation {
    condition     = var.redis_external == null || can(regex("^[A-Za-z0-9.:-]+$", var.redis_external.host))
    error_message = "host is a name or an address, without a scheme or a port."
  }

  validation {
    condition     = var.redis_external == null || try(var.redis_external.port >= 1 && var.redis_external.port <= 65535 && floor(var.redis_external.port) == var.redis_external.port, false)
    error_message = "port is a whole number from 1 to 65535."
  }

  validation {
    condition     = alltrue([for secret in try(compact([var.redis_external.password_secret, var.redis_external.ca_secret]), []) : can(regex("^projects/[^/]+/secrets/[^/]+$", secret))])
    error_message = "password_secret and ca_secret look like projects/P/secrets/N, without a version: the functions read the latest."
  }

  validation {
    condition     = try(!(var.redis_external.iam && var.redis_external.password_secret != null), true)
    error_message = "Either iam or password_secret: with iam the password is an access token."
  }

  validation {
    condition     = try(var.redis_external.network, null) == null || can(regex("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.redis_external.network))
    error_message = "network is the plain name of a VPC network in this project."
  }
}

variable "redis_memory_gb" {
  description = "Memory of an instance in GiB, 1 to 300."
  type        = number
  default     = 1

  validation {
    condition     = var.redis_memory_gb >= 1 && var.redis_memory_gb <= 300 && floor(var.redis_memory_gb) == var.redis_memory_gb
    error_message = "A whole number from 1 to 300."
  }
}

variable "redis_shards" {
  description = "Shards of a cluster, 1 to 250."
  type        = number
  default     = 3

  validation {
    condition     = var.redis_shards >= 1 && var.redis_shards <= 250 && floor(var.redis_shards) == var.redis_shards
    error_message = "A whole number from 1 to 250."
  }
}

variable "redis_eviction" {
  description = "What Redis drops when it is full. volatile-ttl: what would expire soonest; never users, items or counters."
  type        = string
  default     = "volatile-ttl"

  validation {
    # allkeys-* would drop users, items and counters, which have no expiry and are kept nowhere else.
    condition     = contains(["volatile-ttl", "volatile-lru", "volatile-lfu", "volatile-random", "noeviction"], var.redis_eviction)
    error_message = "volatile-ttl, volatile-lru, volatile-lfu, volatile-random or noeviction."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to destroy the store in use. null: as the size says."
  type        = bool
  default     = null
}
