variable "project_id" {
  description = "The Google Cloud project that everything is created in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "The one region of all parts: Redis, the connector and the functions must share it."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region looks like europe-west1."
  }
}

variable "name" {
  description = "Begins the names of parts, and is their label app. Functions, their accounts (fn-*), the registry and the source bucket have names of their own."
  type        = string
  default     = "redis-functions"

  validation {
    # A connector's name ends at 25 characters, a service account's at 30 ("-scheduler" is appended).
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "4 to 20 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "size" {
  description = "production: two zones, snapshots, protected against deletion. development: one small node, nothing kept."
  type        = string
  default     = "production"

  validation {
    condition     = contains(["production", "development"], var.size)
    error_message = "production or development."
  }
}

variable "feed" {
  description = "Where the refresh reads: senticrypt (frozen in the past by its publisher) or kraken (alive)."
  type        = string
  default     = "senticrypt"

  validation {
    condition     = contains(["senticrypt", "kraken"], var.feed)
    error_message = "senticrypt or kraken."
  }
}

variable "settings" {
  description = "Further settings of the functions, such as { CORS_ORIGINS = \"https://example.com\" }."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, value in var.settings : can(regex("^[A-Z][A-Z0-9_]*$", name)) && !can(regex("[;|]", value))])
    error_message = "Names are capitals, digits and underscores; a value holds no ; and no |, which separate settings and substitutions in the build."
  }
}

variable "invokers" {
  description = "Who may call the private functions beside Cloud Scheduler and the build, such as \"group:ops@example.com\"."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):.+", member))])
    error_message = "Each is user:, group:, serviceAccount:, domain:, principal: or principalSet: and a name. allUsers is for public functions."
  }
}

variable "alert_email" {
  description = "Where alerts go. null: they show in Cloud Monitoring alone."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@ ]+@[^@ ]+$", var.alert_email))
    error_message = "An e-mail address, or null."
  }
}
