variable "project_id" {
  description = "The Google Cloud project in which everything is created."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be 6 to 30 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "region" {
  description = "The region of everything: Redis, the connector and the functions must share one."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must look like europe-west1."
  }
}

variable "name" {
  description = "The prefix of resource names, and the value of their label app. The functions, their accounts (fn-*), the image registry and the source bucket do not use the prefix."
  type        = string
  default     = "redis-functions"

  validation {
    # A connector's name may have 25 characters, a service account's 30 (with "-scheduler" appended).
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "name must be 4 to 20 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "size" {
  description = "production: two zones, snapshots, deletion protection. development: one small node, no snapshots."
  type        = string
  default     = "production"

  validation {
    condition     = contains(["production", "development"], var.size)
    error_message = "size must be production or development."
  }
}

variable "feed" {
  description = "The feed that refresh reads: senticrypt (no longer updated by its publisher) or kraken (live)."
  type        = string
  default     = "senticrypt"

  validation {
    condition     = contains(["senticrypt", "kraken"], var.feed)
    error_message = "feed must be senticrypt or kraken."
  }
}

variable "settings" {
  description = "More environment variables of the functions, such as { CORS_ORIGINS = \"https://example.com\" }."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, value in var.settings : can(regex("^[A-Z][A-Z0-9_]*$", name)) && !can(regex("[;|]", value))])
    error_message = "Names must be capitals, digits and underscores. Values must not contain ; or |, which separate settings and substitutions in the build."
  }
}

variable "invokers" {
  description = "Who may call the private functions, besides Cloud Scheduler and the build, such as \"group:ops@example.com\"."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):.+", member))])
    error_message = "Each member must start with user:, group:, serviceAccount:, domain:, principal: or principalSet:. allUsers is refused: these functions are private."
  }
}

variable "alert_email" {
  description = "The e-mail address that alerts are sent to. null: they appear only in Cloud Monitoring."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@ ]+@[^@ ]+$", var.alert_email))
    error_message = "alert_email must be an e-mail address or null."
  }
}
