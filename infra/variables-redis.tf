variable "redis_kind" {
  description = "instance: Memorystore for Redis, one primary. cluster: Memorystore for Redis Cluster, when one node is not enough."
  type        = string
  default     = "instance"

  validation {
    condition     = contains(["instance", "cluster"], var.redis_kind)
    error_message = "instance or cluster."
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
  description = "Whether Terraform refuses to destroy Redis. null: as the size says."
  type        = bool
  default     = null
}
