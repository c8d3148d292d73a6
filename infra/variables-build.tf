variable "repository" {
  description = "A repository connected to Cloud Build, whose pushes are deployed: projects/P/locations/R/connections/C/repositories/N. null: no trigger."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "repository must look like projects/P/locations/R/connections/C/repositories/N, as `gcloud builds repositories list` prints it, or be null."
  }
}

variable "branch" {
  description = "The branch of the repository that is tested and deployed on every push."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch must be the name of one branch, not a pattern."
  }
}

variable "traffic_steps" {
  description = "The share of the traffic, in percent, that each step of a release gives to the new revisions. The smoke test runs after each step."
  type        = list(number)
  default     = [100]

  validation {
    condition     = try(reverse(var.traffic_steps)[0] == 100, false) && alltrue([for i, it in var.traffic_steps : it > (i == 0 ? 0 : var.traffic_steps[i - 1]) && floor(it) == it])
    error_message = "traffic_steps must be whole numbers that rise to 100, such as [10, 50, 100]."
  }
}
