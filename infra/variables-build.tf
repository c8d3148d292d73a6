variable "repository" {
  description = "A repository connected to Cloud Build, projects/P/locations/R/connections/C/repositories/N. null: no trigger."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "projects/P/locations/R/connections/C/repositories/N, as `gcloud builds repositories list` prints it, or null."
  }
}

variable "branch" {
  description = "A push to this branch of the repository builds, tests and deploys."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "The plain name of a branch."
  }
}
