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

variable "traffic_steps" {
  description = "The shares of the traffic, in percent, that a release moves to the new revisions one after the other, with the smoke test after each."
  type        = list(number)
  default     = [100]

  validation {
    condition     = try(reverse(var.traffic_steps)[0] == 100, false) && alltrue([for i, it in var.traffic_steps : it > (i == 0 ? 0 : var.traffic_steps[i - 1]) && floor(it) == it])
    error_message = "Rising whole numbers that end with 100, such as [10, 50, 100]."
  }
}
